/// What sets the loop going: saves, keys, signals. A save cuts short what is going on; a key waits for its end.
struct DevLoop: Sendable {
    let session: DevSession
    let reporter: DevReporter

    private enum Trigger: Sendable {
        case changed([String])
        case key(DevKeys.Key)
        case interrupt
        /// The work of this number came to its end.
        case idle(Int)
    }

    /// Returns when the author ends it.
    func run(_ watch: SourceWatch, _ keys: DevKeys) async {
        let (triggers, told) = AsyncStream.makeStream(of: Trigger.self)
        let sources = [
            Task { for await files in watch.changes { told.yield(.changed(files)) } },
            Task { for await key in keys.keys { told.yield(.key(key)) } },
            Task { for await _ in Signals.interrupts() { told.yield(.interrupt) } },
        ]
        defer { sources.forEach { $0.cancel() } }
        var number = 0
        var isBusy = false
        var wantsRun = false
        var work: Task<Void, Never>?
        func begin(_ body: @escaping @Sendable () async -> Void) {
            number += 1
            isBusy = true
            work = Task { [number] in
                await body()
                told.yield(.idle(number))
            }
        }
        begin { [session] in _ = await session.cycle(changed: []) }
        for await trigger in triggers {
            switch trigger {
            case .changed(let files):
                work?.cancel()
                await work?.value
                wantsRun = false
                begin { [session] in _ = await session.cycle(changed: files) }
            case .key(.run) where isBusy: wantsRun = true
            case .key(.run): begin { [session] in _ = await session.run() }
            case .idle(let ended) where ended == number:
                isBusy = false
                reporter.tell(.watching)
                if wantsRun { begin { [session] in _ = await session.run() } }
                wantsRun = false
            case .idle: break
            case .key(.quit), .interrupt:
                work?.cancel()
                await work?.value
                return
            }
        }
    }

    /// One build and one run, which a signal cuts short.
    func runOnce() async -> ExitStatus {
        let work = Task { [session] in await session.cycle(changed: []) }
        let signals = Task {
            for await _ in Signals.interrupts() { work.cancel() }
        }
        defer { signals.cancel() }
        return await work.value
    }
}
