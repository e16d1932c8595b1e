import Foundation

extension Report {
    /// One object, as `report --json` prints it, without line breaks.
    ///
    /// - Throws: `EncodingError` where a number is not finite.
    public func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self))
    }

    /// A page that shows all of this: HTML in one file that asks for no other, and works without a network.
    ///
    /// The numbers are in it as `json()` has them, and its script draws what is there. Whatever the netlist
    /// says is data: it stands in that JSON, in which no `<` is left, or in the title, escaped; the policy
    /// in the page's head lets one script and one style run, by their hashes, and nothing be loaded.
    ///
    /// - Parameter isLive: whether it asks the server that it is from for news (`events`, `report.json`).
    /// - Throws: `EncodingError` where a number is not finite.
    public func page(isLive: Bool = false) throws -> [UInt8] {
        var page: [UInt8] = []
        for part in Self.template.components(separatedBy: "{{") {
            guard let end = part.range(of: "}}") else {
                page += part.utf8
                continue
            }
            page += try content(of: String(part[..<end.lowerBound]), isLive: isLive)
            page += part[end.upperBound...].utf8
        }
        return page
    }

    private func content(of name: String, isLive: Bool) throws -> [UInt8] {
        switch name {
        case "title": Array(Self.escaped(title).utf8)
        case "policy": Array((isLive ? Self.livePolicy : Self.policy).utf8)
        case "style": Self.style
        case "script": isLive ? Self.liveScript : Self.script
        case "report": Self.withoutMarkup(try json())
        default: preconditionFailure("the page has no place \(name)")
        }
    }

    /// Text that HTML reads as this text.
    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            .replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }

    /// JSON that means the same and can't end the element that it stands in: a `<` can only be in a string.
    static func withoutMarkup(_ json: [UInt8]) -> [UInt8] {
        var safe: [UInt8] = []
        safe.reserveCapacity(json.count)
        for byte in json {
            if byte == UInt8(ascii: "<") { safe += "\\u003c".utf8 } else { safe.append(byte) }
        }
        return safe
    }

    private static let policy = policy(script, connections: "'none'")
    private static let livePolicy = policy(liveScript, connections: "'self'")

    private static func policy(_ script: [UInt8], connections: String) -> String {
        "default-src 'none'; script-src '\(hash(script))'; style-src '\(hash(style))'; "
            + "connect-src \(connections); base-uri 'none'; form-action 'none'"
    }

    /// As a policy names a text: `sha256-…`.
    private static func hash(_ text: [UInt8]) -> String {
        "sha256-" + Data(SHA256.hash(text)).base64EncodedString()
    }

    private static let template = String(decoding: PackageResources.page_html, as: UTF8.self)
    private static let style = PackageResources.page_css

    private static let parts: [[UInt8]] = [
        PackageResources.format_js, PackageResources.elements_js, PackageResources.tables_js,
        PackageResources.curves_js, PackageResources.network_js, PackageResources.sections_js,
    ]
    private static let script = function(parts)
    private static let liveScript = function(parts + [PackageResources.live_js])

    /// One function's body, so that no name of the script is the page's.
    private static func function(_ parts: [[UInt8]]) -> [UInt8] {
        Array("'use strict';(()=>{\n".utf8) + parts.joined() + Array("})();".utf8)
    }
}
