package import Kernel
import Synchronization

/// A call that was let through to a target. It ends once; one that is dropped counts as not sent.
package final class Admission: Sendable {
    let provider: String
    let target: String
    private let permit: ProviderGate.Permit?
    private let isProbe: Bool
    private let router: Router
    private let isEnded = Atomic(false)

    init(provider: String, target: String, permit: ProviderGate.Permit?, isProbe: Bool, router: Router) {
        self.provider = provider
        self.target = target
        self.permit = permit
        self.isProbe = isProbe
        self.router = router
    }

    deinit { withdraw() }

    func succeeded(_ usage: TokenUsage) { end(.tokens(Self.tokens(usage)), .success) }

    func failed(_ error: ProviderError) {
        let failure = CallFailure(error)
        let report: TargetHealth.Report =
            if failure.isTargetsFault {
                .fault
            } else if failure == .rateLimit, let pause = error.retryAfterMilliseconds {
                .pause(milliseconds: Int64(clamping: pause))
            } else {
                .nothing
            }
        end(error.wasSent ? .tokens(error.usage.flatMap(Self.tokens)) : .unsent, report)
    }

    func withdraw() { end(.unsent, .nothing) }

    private func end(_ use: ProviderGate.Use, _ report: TargetHealth.Report) {
        guard !isEnded.exchange(true, ordering: .acquiringAndReleasing) else { return }
        router.end(provider: provider, target: target, permit: permit, isProbe: isProbe, use: use, report: report)
    }

    /// Nil where the provider did not say: the reservation stays.
    private static func tokens(_ usage: TokenUsage) -> Int64? {
        guard let input = usage.input, let output = usage.output else { return nil }
        return [usage.cachedRead, usage.cacheWrite, usage.cacheWriteOneHour].compactMap(\.self)
            .reduce(input + output, +)
    }
}
