import Testing

@testable import NgspiceBridge

/// What counts as an error among the lines that ngspice prints, whatever its version.
@Suite struct MessagesTests {
    private func heard(_ lines: String...) -> Messages {
        var messages = Messages()
        for line in lines { _ = line.withCString { messages.append($0) } }
        return messages
    }

    /// From 42 on, ngspice says so before it tries gmin and source stepping.
    @Test func theBeginningOfSteppingIsNoError() {
        let messages = heard(
            "stderr Error: The operating point could not be simulated successfully.",
            "stderr Note: Starting dynamic gmin stepping")
        #expect(!messages.hasError)
        #expect(messages.lines.count == 2)
    }

    /// ngspice goes on with its default, and so do we.
    @Test func anOptionOfTheWrongTypeIsNoError() {
        #expect(
            !heard(
                "stderr Error: bad type given for option method --",
                "stderr type given was integer, type expected was string."
            ).hasError)
    }

    /// Of a resistance that the deck does not give; the reader of the deck has warned of it.
    @Test func aReplacedResistanceIsNoError() {
        #expect(!heard("stderr Warning: r1: resistance to low, set to 1 mOhm").hasError)
    }

    @Test func otherErrorsAreErrors() {
        #expect(heard("stderr Error: unknown subckt: x1").hasError)
        #expect(heard("stderr  Error on line 3").hasError)
    }

    @Test(arguments: [
        "stderr Warning: singular matrix:  check node a",
        "stderr Warning: singular matrix:  check nodes a and b",
    ])
    func aSingularMatrixNamesItsNodes(line: String) {
        #expect(heard(line).singular?.hasPrefix("node") == true)
        #expect(heard(line).hasFailedIteration && !heard(line).hasError)
    }

    /// The user's circuit has no such nodes.
    @Test(arguments: [
        "stderr Warning: singular matrix:  check nodes vspicelearnagain#branch and spicelearnagain",
        "stderr Warning: singular matrix:  check node spicelearnsweep",
    ])
    func whatPacesASweepIsNotNamed(line: String) {
        let messages = heard(line)
        #expect(messages.lines.isEmpty)
        #expect(messages.singular == "" && messages.hasFailedIteration)
    }
}
