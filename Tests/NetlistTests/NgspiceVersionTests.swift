import Netlist
import Testing

@Suite struct NgspiceVersionTests {
    @Test(arguments: [
        ("** ngspice-39 shared library", NgspiceVersion(39)),
        ("** ngspice-44.2 shared library", NgspiceVersion(44, 2)),
        ("** ngspice-47+ shared library", NgspiceVersion(47)),
        ("** ngspice-46 : Circuit level simulation program", NgspiceVersion(46)),
    ])
    func isReadFromWhatNgspicePrints(banner: String, version: NgspiceVersion) {
        #expect(NgspiceVersion(banner: banner) == version)
    }

    @Test(arguments: [
        "", "ngspice", "ngspice-", "ngspice-next", "** Creation Date: Sun Feb 5 2023",
    ])
    func isNotGuessed(text: String) {
        #expect(NgspiceVersion(banner: text) == nil)
    }

    @Test func areInOrder() {
        #expect(NgspiceVersion(39) < NgspiceVersion(44))
        #expect(NgspiceVersion(44) < NgspiceVersion(44, 2))
        #expect(NgspiceVersion(44, 2) < NgspiceVersion(45))
        #expect("\(NgspiceVersion(39)) \(NgspiceVersion(44, 2))" == "39 44.2")
    }
}
