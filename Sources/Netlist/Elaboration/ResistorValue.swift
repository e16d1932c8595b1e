#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension Elaborator {
    /// The resistance that a line and its model give, and what it comes from; nil after an error.
    func resistance(
        of line: ResistorLine, _ statement: Statement, _ frame: Frame
    ) -> (Double, NumberSource)? {
        let name = statement.text(of: statement.name)
        if line.isValueBeforeModel, let card = line.model, let frame = line.modelFrame,
            resistorModel(card, frame)?.defaultResistance != nil
        {
            diagnostics.error(
                "overridden-value",
                "ngspice takes the resistance= of the model \(card.name) and not this value; "
                    + "write r= on the line, or in the model",
                at: line.value.map { statement.range(of: $0.token) } ?? statement.range)
            return nil
        }
        if let (token, value) = line.value {
            let range = statement.range(of: token)
            guard value.number.isFinite else {
                diagnostics.error(
                    "not-finite",
                    "the resistance of \(name) is "
                        + "\(value.number.isNaN ? "not a number" : "infinite")",
                    at: range)
                return nil
            }
            let taken = deck.dialect.resistance(value.number)
            guard value.number != 0 else {
                return replacedResistance(
                    Diagnostic(
                        "zero-resistance", severityOfReplaced,
                        "the resistance is zero, for which ngspice silently takes "
                            + "\(SpiceNumber.shortest(taken)) Ohm; "
                            + "write a value, or a voltage source of 0 V for a short circuit",
                        at: range), taken)
            }
            guard taken == value.number else {
                return replacedResistance(
                    Diagnostic(
                        "small-resistance", .warning,
                        "the resistance is too small for ngspice, which takes "
                            + "\(SpiceNumber.shortest(taken)) Ohm",
                        at: range), taken)
            }
            return (value.number, NumberSource(value.origin, at: range))
        }
        guard let card = line.model, let modelFrame = line.modelFrame,
            let model = resistorModel(card, modelFrame)
        else {
            guard line.model == nil else { return nil }
            return replacedResistance(
                Diagnostic(
                    "missing-value", severityOfReplaced,
                    "\(name) has no value, \(whatIsMissing); write one after the nodes",
                    at: statement.range(of: statement.tokens.last ?? statement.name)),
                deck.dialect.missingResistance)
        }
        // The option multiplies what stands on the line, and not the model's.
        let scale = settings.scale
        guard
            let resistance = model.resistance(
                width: line.width.map { $0 * scale }, length: line.length.map { $0 * scale })
        else {
            return replacedResistance(
                Diagnostic(
                    "missing-value", severityOfReplaced,
                    "neither \(name) nor its model \(card.name) gives a resistance, for which "
                        + "ngspice takes \(SpiceNumber.shortest(Dialect.missingModelResistance)) Ohm",
                    at: statement.range), Dialect.missingModelResistance)
        }
        let taken = deck.dialect.resistance(resistance)
        if model.defaultResistance != nil, !resistance.isNaN, taken != resistance {
            return replacedResistance(
                Diagnostic(
                    resistance == 0 ? "zero-resistance" : "small-resistance",
                    resistance == 0 ? severityOfReplaced : .warning,
                    "the resistance that the model \(card.name) gives \(name) is too small for "
                        + "ngspice, which takes \(SpiceNumber.shortest(taken)) Ohm",
                    at: statement.range), taken)
        }
        guard resistance.isFinite, resistance != 0 else {
            diagnostics.add(
                Diagnostic(
                    "zero-resistance", severityOfReplaced,
                    "the model \(card.name) makes the resistance of \(name) \(resistance)",
                    at: statement.range))
            guard severityOfReplaced == .warning, !resistance.isNaN else { return nil }
            return (resistance, .unwritable(reason: "its model makes it \(resistance)"))
        }
        return (
            resistance,
            .unwritable(
                reason: "its value comes from the model \(card.name); write a value on its line")
        )
    }

    /// What ngspice does where there is neither a resistance nor a model.
    private var whatIsMissing: String {
        deck.dialect.missingResistance.map {
            "for which ngspice silently takes \(SpiceNumber.shortest($0)) Ohm"
        } ?? "so ngspice leaves it out"
    }

    /// What ngspice puts in the place of a resistance that is missing or too small; nil where it leaves the
    /// resistor out, or after an error.
    private func replacedResistance(
        _ reason: Diagnostic, _ value: Double?
    ) -> (Double, NumberSource)? {
        diagnostics.add(reason)
        guard reason.severity == .warning, let value else { return nil }
        return (
            value,
            .unwritable(
                reason: "ngspice takes \(SpiceNumber.shortest(value)) Ohm for it; "
                    + "write a value on its line")
        )
    }

    /// m / (scale · temperature factor), in the order of operations of ngspice's REStemp.
    ///
    /// Nil after an error.
    func conductanceFactor(
        of line: ResistorLine, _ statement: Statement, _ frame: Frame
    ) -> Double? {
        var multiplicity = line.multiplicity
        if frame.scope.isMultiplied, let m = frame.values["m"] {
            // ngspice appends m={m}, and so the X line's m replaces the resistor's own.
            multiplicity = self.multiplicity(line.multiplicity, inherited: m)
            noteUse(m, by: "the multiplicity", at: statement.range)
        }
        var model = ResistorModel()
        if let card = line.model, let modelFrame = line.modelFrame {
            guard let evaluated = resistorModel(card, modelFrame) else { return nil }
            model = evaluated
        }
        let given = line.corrections.completed(by: model.corrections)
        let own = given.temperature.map { $0 + Settings.zeroCelsius }
        let temperature = own ?? (settings.conditions.temperature + Settings.zeroCelsius)
        let difference = own == nil ? given.temperatureDifference ?? 0 : 0
        let nominal =
            (model.nominalTemperature ?? settings.conditions.nominalTemperature)
            + Settings.zeroCelsius
        let rise = (temperature + difference) - nominal
        let factor: Double
        if let tce = given.tce {
            factor = pow(1.01, tce * rise)
        } else {
            factor = ((given.tc2 ?? 0) * rise + (given.tc1 ?? 0)) * rise + 1
        }
        let scale = given.scale ?? 1
        let result = multiplicity / (factor * scale)
        guard result.isFinite, result >= 0 else {
            diagnostics.error(
                "bad-conductance",
                "multiplicity \(multiplicity), scale \(scale) and temperature factor \(factor) "
                    + "make the conductance of \(statement.text(of: statement.name)) "
                    + "\(result.isFinite ? "negative" : "infinite")",
                at: statement.range)
            return nil
        }
        return result
    }
}
