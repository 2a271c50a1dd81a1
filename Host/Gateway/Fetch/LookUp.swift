import Kernel

/// One look-up with a limit. A resolver that does not stop when it is told is left behind, not waited for.
struct LookUp {
    private let resolver: HostResolver
    private let name: String

    init(_ resolver: @escaping HostResolver, _ name: String) {
        self.resolver = resolver
        self.name = name
    }

    func result(until end: ContinuousClock.Instant) async throws(Failure) -> [IPAddress] {
        let (answers, give) = AsyncStream.makeStream(of: Result<[IPAddress], Failure>.self)
        let work = Task { [self] in give.yield(await ask()) }
        let timer = Task { [name] in
            guard (try? await Task.sleep(until: end, clock: .continuous)) != nil else { return }
            give.yield(.failure(Failure(.deadline, "\(name) was not looked up in time")))
        }
        defer {
            work.cancel()
            timer.cancel()
            give.finish()
        }
        for await answer in answers { return try answer.get() }
        throw Failure(.cancelled, "cancelled")
    }

    private func ask() async -> Result<[IPAddress], Failure> {
        do throws(Failure) {
            return .success(try await resolver(name))
        } catch {
            return .failure(error)
        }
    }
}
