import Engine
import HTTPTypes
import Hummingbird
import Kernel

/// Why a model endpoint gives no answer, before it is put into the words of a protocol.
struct CallProblem: Error {
    var status: HTTPResponse.Status
    /// The stable word that programs compare.
    var code: String
    var message: String
    /// The member that is wrong, as `messages[0].content`.
    var parameter: String?
    /// Official clients repeat a request by its status alone, unless they are told.
    var mayRetry = false
    var retryAfterSeconds: Int?
    var callID: RunID?
    var cost: Nanodollars?

    init(_ status: HTTPResponse.Status, _ code: String, _ message: String, parameter: String? = nil) {
        self.status = status
        self.code = code
        self.message = message
        self.parameter = parameter
    }

    static func invalid(_ parameter: String, _ message: String) -> CallProblem {
        CallProblem(.badRequest, "invalid_value", "\(parameter): \(message)", parameter: parameter)
    }

    static func unsupported(_ parameter: String, _ message: String) -> CallProblem {
        CallProblem(.badRequest, "unsupported_parameter", "\(parameter): \(message)", parameter: parameter)
    }

    static let paymentRequired = HTTPResponse.Status(code: 402, reasonPhrase: "Payment Required")
}

extension CallProblem {
    init(_ problem: Problem) {
        self.init(problem.status, problem.code, problem.detail)
        retryAfterSeconds = problem.retryAfterSeconds
        mayRetry = problem.retryAfterSeconds != nil
    }

    init(_ refusal: CallRefusal, id: RunID) {
        let text = refusal.failure.message
        switch refusal.reason {
        case .refused: self = .refused(refusal.failure)
        case .policy: self.init(.forbidden, "policy_forbids", text)
        case .brokenAnswer: self.init(.badGateway, "answer_invalid", text)
        case .budget(let final, let largestOutput):
            if final {
                self.init(Self.paymentRequired, "budget_would_exceed", text)
                if largestOutput != nil { parameter = "max_tokens" }
            } else {
                self.init(.tooManyRequests, "budget_busy", text)
                (mayRetry, retryAfterSeconds) = (true, 1)
            }
        case .provider(let wait):
            self = .provider(refusal.failure)
            if status == .tooManyRequests {
                mayRetry = true
                retryAfterSeconds = wait.map { Int(clamping: ($0 + 999) / 1000) } ?? 1
            }
        case .draining:
            self.init(.serviceUnavailable, "draining", text)
            (mayRetry, retryAfterSeconds) = (true, 5)
        case .storage: self.init(.serviceUnavailable, "storage", text)
        }
        callID = id
        cost = refusal.cost
    }

    private static func refused(_ failure: Failure) -> CallProblem {
        switch failure.status {
        case .notFound: CallProblem(.notFound, "model_not_found", failure.message, parameter: "model")
        case .denied: CallProblem(.forbidden, "model_unpriced", failure.message, parameter: "model")
        case .unsupported: CallProblem(.badRequest, "unsupported_parameter", failure.message)
        case .tooLarge: CallProblem(.contentTooLarge, "request_too_large", failure.message)
        case .budget: CallProblem(paymentRequired, "budget_would_exceed", failure.message)
        default: CallProblem(.badRequest, "invalid_request", failure.message)
        }
    }

    /// A provider that refuses this host's key is the operator's problem, not the client's.
    private static func provider(_ failure: Failure) -> CallProblem {
        switch failure.status {
        case .invalid, .tooLarge: CallProblem(.badRequest, "provider_refused", failure.message)
        case .notFound: CallProblem(.notFound, "model_not_found", failure.message, parameter: "model")
        case .busy: CallProblem(.tooManyRequests, "provider_busy", failure.message)
        case .deadline: CallProblem(.gatewayTimeout, "provider_deadline", failure.message)
        default: CallProblem(.badGateway, "provider_failed", failure.message)
        }
    }
}
