import HTTPTypes
import Hummingbird
import Logging

/// Gives each request its name, and turns every error into a problem that carries it; what is nobody's fault but the
/// host's says so without details.
struct RequestMiddleware: RouterMiddleware {
    private static let maximumBytes = 128

    /// Unique in this host.
    let newID: @Sendable () -> String

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.requestID = Self.valid(request.headers[.requestID]) ?? newID()
        var response: Response
        do {
            response = try await next(request, context)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            let problem = Problem(anything: error) {
                context.logger.error("request failed", metadata: ["error": "\($0)"])
            }
            response = problem.response(request: context.requestID)
        }
        // A protocol of others may call something else by this name.
        if response.headers[.requestID] == nil { response.headers[.requestID] = context.requestID }
        return response
    }

    /// A client's own name is taken over where it cannot break a log line or a header.
    private static func valid(_ text: String?) -> String? {
        guard let text, (1...maximumBytes).contains(text.utf8.count) else { return nil }
        let isPlain = text.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || [45, 46, 58, 95].contains(byte)
        }
        return isPlain ? text : nil
    }
}
