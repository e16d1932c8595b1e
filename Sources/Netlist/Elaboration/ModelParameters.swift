/// The parameters that ngspice 39.3 knows in models, of those types whose lists don't depend on how it was built.
///
/// They are what it doesn't call unrecognized when it reads a model with them: parameters of the model, and those of
/// devices, which a model may give for all that use it.
enum ModelParameters {
    /// The names for a type and a level; nil for types and levels that aren't listed.
    static func names(type: String, level: Int) -> Set<String>? {
        let alias = ["pnp": "npn", "pjf": "njf", "pmos": "nmos"][type] ?? type
        return byType[alias == "nmos" ? "nmos\(level)" : level == 1 ? alias : ""]
    }

    private static func words(_ text: String) -> Set<String> {
        Set(text.split(whereSeparator: \.isWhitespace).map(String.init))
    }

    private static let byType: [String: Set<String>] = [
        "d": words(
            """
            af area bv bv_max cj cj0 cjo cjp cjsw cta ctc cth0 ctp dtemp eg fc fcs fv_max ib
            ibv ic id_max ik ikf ikr is isr js jsw jtun jtunsw keg kf l lm lp m mj mjsw n
            nbv nr ns ntun off pb pd_max php pj rs rth0 tcv te_max temp thermal tlev tlevc
            tm1 tm2 tnom tpb tphp tref trs trs1 trs2 tt ttt1 ttt2 tvj vds vj w wm wp xm xoi
            xom xp xti xtitun
            """),
        "npn": words(
            """
            af area areab areac bf br c2 c4 ccs cjc cje cjs cn csub ctc cte dtemp eg fc
            gamma ib_max ibc ibe ic ic_max icvbe icvce ik ikf ikr irb is isc ise iss itf kf
            m mc me mjc mje mjs ms nc ne nf nk nkf nr ns off pc pd_max pe ps ptf qco
            quasimod rb rbm rc rco re rth0 subs tbf1 tbf2 tbr1 tbr2 te_max temp tf tikf1
            tikf2 tikr1 tikr2 tirb1 tirb2 tis1 tis2 tisc1 tisc2 tise1 tise2 tiss1 tiss2
            titf1 titf2 tlev tlevc tmjc1 tmjc2 tmje1 tmje2 tmjs1 tmjs2 tnc1 tnc2 tne1 tne2
            tnf1 tnf2 tnom tnr1 tnr2 tns1 tns2 tr trb trb1 trb2 trc trc1 trc2 tre tre1 tre2
            tref trm1 trm2 ttf1 ttf2 ttr1 ttr2 tvaf1 tvaf2 tvar1 tvar2 tvjc tvje tvjs va vaf
            var vb vbc_max vbe_max vce_max vds vg vjc vje vjs vo vtf xcjc xtb xtf xti
            """),
        "njf": words(
            """
            af area b beta betatce bex cgd cgs dtemp eg fc gdsnoi ic is kf lambda m nlev
            off pb rd rs tcv temp tnom vds vt0 vto vtotc xti
            """),
        "sw": words(
            """
            m off on roff ron vds vh vt
            """),
        "csw": words(
            """
            control ih it m off on roff ron vds
            """),
        "nmos1": words(
            """
            ad af as cbd cbs cgbo cgdo cgso cj cjsw dtemp fc gamma ic icvbs icvds icvgs is
            js kf kp l lambda ld m mj mjsw nrd nrs nss nsub off pb pd phi ps rd rs rsh temp
            tnom tox tpg u0 uo vds vt0 vto w
            """),
        "nmos2": words(
            """
            ad af as cbd cbs cgbo cgdo cgso cj cjsw delta dtemp fc gamma ic icvbs icvds
            icvgs is js kf kp l lambda ld m mj mjsw neff nfs nrd nrs nss nsub off pb pd phi
            ps rd rs rsh temp tnom tox tpg u0 ucrit uexp uo vds vmax vt0 vto w xj
            """),
        "nmos3": words(
            """
            ad af as cbd cbs cgbo cgdo cgso cj cjsw delta delvt0 delvto dtemp eta fc gamma
            ic icvbs icvds icvgs is js kappa kf kp l ld m mj mjsw nfs nrd nrs nss nsub off
            pb pd phi ps rd rs rsh temp theta tnom tox tpg u0 uo vds vmax vt0 vto w wd xj xl
            xw
            """),
    ]
}

extension Elaborator {
    /// What ngspice leaves out of a model with no more than a line among others: a name that is misspelt, or another
    /// simulator's.
    func warnOfIgnoredParameters(_ card: Scope.ModelCard) {
        guard card.base == nil, deck.compatibility.isEmpty else { return }
        let statement = card.statement
        let pairs = statement.loosePairs(from: card.firstParameter)
        let level = pairs.last { $0.name == "level" }
        let number = level.map { literal($0.value)?.value ?? 0 } ?? 1
        guard let names = ModelParameters.names(type: card.type, level: Int(exactly: number) ?? 0)
        else { return }
        let tokens = statement.tokens
        for index in tokens.indices.dropFirst(card.firstParameter).dropLast(2)
        where tokens[index].kind == .word && tokens[index + 1].kind == .equals {
            let name = statement.lowercasedText(of: tokens[index])
            let value = tokens[index + 2]
            // A word for a value is an error of its own.
            guard name != "level", !names.contains(name),
                value.kind != .word || literal(ValueText(value, in: statement)) != nil
            else { continue }
            let near = nearestName(to: name, in: names.sorted())
            diagnostics.warning(
                "ignored-parameter",
                "ngspice knows no \(name) in a model of the type \(card.type), and ignores it"
                    + (near.map { "; did you mean \($0)?" } ?? ": leave it out"),
                at: statement.range(of: tokens[index]))
        }
    }
}
