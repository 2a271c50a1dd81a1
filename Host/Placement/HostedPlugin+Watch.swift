import Kernel
import Synchronization

/// Is a silent worker alive? And what is said of one that is not.
extension HostedPlugin {
    /// A question that is not answered yet.
    struct Ping {
        var at: UInt64
        /// What the process had used by then.
        var processorMilliseconds: Int64?
    }

    /// A worker that computes in a callback cannot answer, and need not: its deadlines decide. One that does not
    /// answer and does not compute hangs. Idle ones are not asked.
    ///
    /// - Parameter used: the processor time of the worker, read when an answer is due.
    func watchSilence(_ state: inout State, _ now: UInt64, _ used: Int64?) {
        guard state.phase == .up, kind != .inline, state.calls.count > 0 else { return }
        guard let ping = state.ping else {
            guard now >= state.lastHeard + settings.pingMilliseconds, let frame = FrameEncoding.ping(now) else {
                return
            }
            _ = state.link?.send(frame, essential: true)
            state.ping = Ping(at: now, processorMilliseconds: used)
            return
        }
        guard now >= ping.at + settings.silenceMilliseconds else { return }
        if let used, used > ping.processorMilliseconds ?? 0 {
            state.ping = Ping(at: now, processorMilliseconds: used)
        } else {
            end(&state, .silent(milliseconds: settings.silenceMilliseconds))
        }
    }

    /// Read outside the lock, and only when it decides something. Nil when the process is gone.
    func processorTimeOfSilent(_ now: UInt64) -> Int64? {
        let process = state.withLock { state -> Int32? in
            guard state.phase == .up, kind != .inline, state.calls.count > 0 else { return nil }
            let due = state.ping.map { $0.at + settings.silenceMilliseconds }
            return now >= due ?? (state.lastHeard + settings.pingMilliseconds) ? state.link?.processID : nil
        }
        return process.flatMap(ProcessFiles.cpuMilliseconds)
    }

    /// The loss with what the dying process said, in words of the plugin's own functions.
    func described(_ loss: PluginLoss, _ page: CrashPage?, _ files: [SealedFile]) -> PluginLoss {
        guard let page, case .signal(page.signal) = loss.cause else { return loss }
        var loss = loss
        loss.crash = page.report(plugins: files.map { (name: $0.name, symbols: ELFSymbols($0)) })
        return loss
    }

    /// Before the calls hear of it: what they lead to may depend on it.
    func tell(_ loss: PluginLoss, _ share: LossShare, _ suspects: [String]) {
        state.withLock { $0.lastLoss = loss.description }
        settings.log(descriptor.id, .error, loss.description)
        switch share {
        case .companions: return
        // Somebody else was at work.
        case .anyones(let others) where suspects.isEmpty && others > 0: return
        case .own, .anyones: break
        }
        settings.crashed(
            PluginCrash(
                department: descriptor.manifest.department, build: descriptor.digest, loss: loss, suspects: suspects))
    }
}
