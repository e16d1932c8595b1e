import Testing

/// KiCad's potentiometer is one of ngspice's code models.
@Suite struct PotentiometerTests {
    private static let deck = """
        a potentiometer as KiCad writes it
        V1 a 0 10
        ARV1 a b 0 __RV1
        R1 b 0 1k
        .model __RV1 potentiometer position=0.3 r=10k
        *.learn output V(b)=2
        .end

        """

    @Test func nudgesPassItBothWays() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Self.deck, to: "pot.cir")
        let result = try spicelearn("train", path, "-o", (folder / "out.cir").path)
        #expect(!result.errors.contains("one way"), "\(result.errors)")
        #expect(result.errors.contains("pot.cir:3:1: warning: the position of ARV1"))
        #expect(result.status == 0, "\(result.errors)")
        // The wiper divides 10 kΩ at 0.3; a resistor of r at it makes 2 V.
        let voltages = try PlainNgspice.operatingPoints(folder / "out.cir", expressions: ["v(b)"])
        #expect(abs(voltages[0][0] - 2) < 2e-6)
    }

    @Test func itsPositionCantBeTrained() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Self.deck, to: "pot.cir")
        let result = try spicelearn("solve", path, "--trainable", "ARV1")
        #expect(result.status == 65)
        #expect(result.errors.contains("write the two resistances as resistors"))
    }
}
