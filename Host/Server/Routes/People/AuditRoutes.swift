import Engine
import HTTPTypes
import Hummingbird
import Kernel

/// The published audit log, exactly as C2SP tlog-tiles has it, and proofs for those who want one leaf. Leaves are of
/// all tenants, so what shows them is the operators'; checkpoints and hashes say nothing of what is in them.
struct AuditRoutes: Sendable {
    /// Full tiles never change, nor do partial ones: their width is in their name.
    private static let immutable = "public, max-age=31536000, immutable"

    let runtime: HostRuntime

    func add(to api: APIRouter) {
        api.add(
            Operation(
                "audit.checkpoint", .get, "/audit/checkpoint", "The newest signed checkpoint", tag: "Audit",
                access: .needs(.audit, .read), answers: [.content("A C2SP tlog-checkpoint", "text/plain")])
        ) { _ in
            guard let text = try runtime.auditCheckpoint() else {
                throw Problem(.notFound, "not_found", "nothing was published yet")
            }
            return .bytes(Array(text.utf8), "text/plain; charset=utf-8")
        }
        api.add(
            Operation(
                "audit.tile", .get, "/audit/tile/**", "Tiles of hashes, and of leaves", tag: "Audit",
                access: .needs(.audit, .read),
                answers: [.content("As C2SP tlog-tiles has it", "application/octet-stream")]
            ).taking(rest: "tile", "Such as 0/x001/234.p/7", Schema.text(120))
        ) { call in
            let path = call.text("tile")
            guard call.view.isOperator || !path.hasPrefix("entries/"), let tile = TilePath("tile/\(path)"),
                let bytes = try runtime.auditResource(tile)
            else { throw Problem(.notFound, "not_found", "the published log has no tile \(path)") }
            return .bytes(bytes, "application/octet-stream", caching: Self.immutable)
        }
        var proof = Operation.Answer.content("A C2SP tlog-proof; JSON for Accept: application/json", "text/plain")
        proof.otherMediaTypes = ["application/json"]
        api.add(
            Operation(
                "audit.proof", .get, "/audit/proof", "That a leaf is in the log", tag: "Audit",
                access: .needs(.audit, .read),
                parameters: [.query("leaf", "Its index", Schema.position, isRequired: true)], answers: [proof]
            ).forOperators()
        ) { call in
            let proof = try runtime.auditProof(leaf: call.number("leaf") ?? 0)
            if call.request.headers[.accept]?.contains("application/json") == true { return Response.json(proof.json) }
            return .bytes(Array(proof.text.utf8), "text/plain; charset=utf-8")
        }
    }
}
