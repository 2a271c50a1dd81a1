import Engine
import HTTPTypes
import Hummingbird
import Kernel

/// The published audit log, exactly as C2SP tlog-tiles has it, and proofs for those who want one leaf.
struct AuditRoutes: Sendable {
    /// Full tiles never change, nor do partial ones: their width is in their name.
    private static let immutable = "public, max-age=31536000, immutable"

    let runtime: HostRuntime

    func add(to router: Router<APIContext>) {
        router.get("audit/checkpoint") { _, _ in
            guard let text = try runtime.auditCheckpoint() else {
                throw Problem(.notFound, "not_found", "nothing was published yet")
            }
            return Self.response(Array(text.utf8), type: "text/plain; charset=utf-8", caching: "no-store")
        }
        router.get("audit/tile/**") { request, _ in
            let prefix = "/audit/"
            guard request.uri.path.hasPrefix(prefix),
                let path = TilePath(String(request.uri.path.dropFirst(prefix.count))),
                let bytes = try runtime.auditResource(path)
            else { throw Problem(.notFound, "not_found", "the published log has no \(request.uri.path)") }
            return Self.response(bytes, type: "application/octet-stream", caching: Self.immutable)
        }
        router.get("audit/proof") { request, _ in
            let text = request.uri.queryParameters["leaf"].map(String.init) ?? ""
            guard let leaf = Int64(text), leaf >= 0 else {
                throw Problem(.badRequest, "invalid", "leaf must be a number: /audit/proof?leaf=17")
            }
            let proof = try runtime.auditProof(leaf: leaf)
            if request.headers[.accept]?.contains("application/json") == true { return Response.json(proof.json) }
            return Self.response(Array(proof.text.utf8), type: "text/plain; charset=utf-8", caching: "no-store")
        }
    }

    private static func response(_ bytes: [UInt8], type: String, caching: String) -> Response {
        Response(
            status: .ok,
            headers: [
                .contentType: type, .contentLength: String(bytes.count), .cacheControl: caching,
                .xContentTypeOptions: "nosniff",
            ],
            body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
