import CEgress
import Glibc
package import Kernel

/// The started process and its socket.
struct EgressProcess: Sendable {
    let processID: Int32
    let socket: FrameSocket

    static func start(_ settings: EgressSettings) throws(Failure) -> EgressProcess {
        var arguments = settings.arguments.map { strdup($0) }
        defer { arguments.forEach { free($0) } }
        arguments.append(nil)
        var socket: Int32 = -1
        var process: Int32 = -1
        let error = egress_spawn(&arguments, &socket, &process)
        guard error == 0 else {
            throw Failure(.io, "\(settings.program) does not start: \(String(cString: strerror(error)))")
        }
        return EgressProcess(
            processID: process,
            socket: FrameSocket(descriptor: socket, maximumFrameBytes: EgressProtocol.maximumEgressFrameBytes))
    }

    /// True once it is gone and the system has forgotten it.
    static func isReaped(_ processID: Int32) -> Bool {
        let result = waitpid(processID, nil, WNOHANG)
        return result == processID || result < 0 && errno == ECHILD
    }
}

enum HostThread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// False when the system has no thread to give.
    static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        let box = Unmanaged.passRetained(Body(body))
        var thread = pthread_t()
        let error = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, box.toOpaque())
        guard error == 0 else {
            box.release()
            return false
        }
        pthread_detach(thread)
        return true
    }
}

package enum WallClock {
    package static func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(unixMilliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}

enum Monotonic {
    static func milliseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
