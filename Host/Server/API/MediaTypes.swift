import HTTPTypes
import Hummingbird

/// What a request's body is, and in which forms its answer may come.
enum MediaTypes {
    /// - Throws: ``Problem``: 415 for a body that is not JSON, and for one that is packed; 406 where the caller takes
    ///   none of the forms that there are.
    static func check(_ request: Request, _ operation: Operation) throws {
        if operation.body != nil { try checkBody(request) }
        let offered = operation.mediaTypes
        guard let accept = request.headers[.accept], !offered.isEmpty else { return }
        let ranges = accept.split(separator: ",").map(name)
        guard ranges.isEmpty || ranges.contains(where: { range in offered.contains { fits($0, range) } }) else {
            throw Problem(
                .notAcceptable, "not_acceptable", "this answers in \(offered.sorted().joined(separator: ", "))")
        }
    }

    /// Only what a browser does not send by itself from a foreign page: a form or a plain text is no JSON, and neither
    /// is what says nothing of itself.
    private static func checkBody(_ request: Request) throws {
        if let packing = request.headers[.contentEncoding], packing.lowercased() != "identity" {
            throw Problem(.unsupportedMediaType, "unsupported_media_type", "bodies are taken as they are, not packed")
        }
        guard let type = request.headers[.contentType] else {
            guard request.headers[.contentLength] ?? "0" != "0" || request.headers[.transferEncoding] != nil else {
                return
            }
            throw unsupported
        }
        guard isJSON(name(type[...])) else { throw unsupported }
    }

    private static var unsupported: Problem {
        Problem(
            .unsupportedMediaType, "unsupported_media_type", "the body must be JSON: Content-Type: application/json")
    }

    private static func isJSON(_ type: String) -> Bool {
        type == "application/json" || (type.hasPrefix("application/") && type.hasSuffix("+json"))
    }

    /// Without parameters.
    private static func name(_ text: Substring) -> String {
        let name = text.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
        return String(name.filter { $0 != " " && $0 != "\t" }).lowercased()
    }

    private static func fits(_ type: String, _ range: String) -> Bool {
        if range == "*/*" || range == type || name(type[...]) == range { return true }
        // A problem is JSON too, and comes for any operation.
        if range == "application/problem+json" { return true }
        return range.hasSuffix("/*") && type.hasPrefix(range.dropLast())
    }
}
