import Glibc
import Kernel

/// Runs code that waits for a disk on a thread of its own, never on the cooperative pool.
enum BlockingThread {
    static func run<Value: Sendable>(
        _ body: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
            let job = Job { continuation.resume(returning: outcome(of: body)) }
            var thread = pthread_t()
            let retained = Unmanaged.passRetained(job)
            let status = pthread_create(
                &thread, nil,
                { raw in
                    guard let raw else { return nil }
                    Unmanaged<Job>.fromOpaque(raw).takeRetainedValue().body()
                    return nil
                }, retained.toOpaque())
            guard status == 0 else {
                retained.release()
                continuation.resume(returning: .failure(Failure(.busy, "no thread to read with; try again")))
                return
            }
            pthread_detach(thread)
        }
        return try result.get()
    }

    private static func outcome<Value>(of body: () throws(Failure) -> Value) -> Result<Value, Failure> {
        do {
            return .success(try body())
        } catch {
            return .failure(error)
        }
    }

    private final class Job: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
