import HTTPTypes
import Hummingbird
import Kernel

/// The API's description, and a page that shows it: files of this program, without anything from elsewhere.
struct DocumentRoutes: Sendable {
    private static let policy = """
        default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
        base-uri 'none'; form-action 'none'; frame-ancestors 'none'
        """

    private static func file(_ id: String, _ path: String, _ summary: String, _ type: String) -> Operation {
        var operation = Operation(
            "docs.\(id)", .get, path, summary, tag: "Documentation", access: .open,
            answers: [
                type == "application/json" ? .ok("The document", Schema.anyObject) : .content("The file", type)
            ])
        operation.isVersioned = false
        return operation
    }

    /// After all others: they are what is described.
    func add(to api: APIRouter) {
        let json = "application/json"
        let newer = Self.file("openapi", "/openapi.json", "This API as OpenAPI 3.1", json)
        let older = Self.file("openapi30", "/openapi-3.0.json", "This API as OpenAPI 3.0", json)
        let files: [(Operation, [UInt8])] = [
            (Self.file("page", "/docs", "This API to read and to try", "text/html"), PackageResources.docs_html),
            (Self.file("script", "/docs/docs.js", "The page's script", "text/javascript"), PackageResources.docs_js),
            (Self.file("style", "/docs/docs.css", "The page's style", "text/css"), PackageResources.docs_css),
        ]
        let document = OpenAPIDocument(operations: api.operations + [newer, older] + files.map(\.0))
        let all = [(newer, document.json.bytes), (older, document.json30.bytes)] + files
        for (operation, bytes) in all {
            let type = operation.answers[0].mediaType ?? json
            let tag = "\"\(Digest.sha256(bytes).hex.prefix(32))\""
            api.add(operation) { call in Self.answer(bytes, type, tag, call) }
        }
    }

    private static func answer(_ bytes: [UInt8], _ type: String, _ tag: String, _ call: APICall) -> Response {
        let known = call.request.headers[.ifNoneMatch]?.split(separator: ",").map { $0.filter { $0 != " " } } ?? []
        let caching: HTTPFields = [.eTag: tag, .cacheControl: "no-cache"]
        guard !known.contains(where: { $0 == tag || $0 == "*" }) else {
            return Response(status: .notModified, headers: caching)
        }
        var response = Response.bytes(
            bytes, type.hasPrefix("text/") ? "\(type); charset=utf-8" : type, caching: "no-cache")
        response.headers[.eTag] = tag
        response.headers[.contentSecurityPolicy] = policy
        return response
    }
}
