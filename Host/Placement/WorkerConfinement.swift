import CLane
import Glibc

/// Why a worker is not given a plugin.
struct ConfinementError: Error { var cause: PluginLoss.Cause }

/// Between the start of a worker and its plugin: how it is confined, and whether that is enough. Everything here comes
/// from code of this project; a plugin's code runs only after it.
enum WorkerConfinement {
    /// - Throws: when the worker ended, said nothing in time, or is confined less than the settings ask. It has been
    ///   ended then.
    static func report(
        of process: inout lane_process, _ settings: PlacementSettings
    ) throws(ConfinementError) -> SandboxReport {
        var frame = [UInt8](repeating: 0, count: Int(LANE_HEADER_BYTES) + 8192)
        let count = lane_process_confined(
            &process, &frame, UInt32(frame.count), Int32(clamping: settings.startMilliseconds))
        guard count > 0 else {
            let end = endOf(&process)
            if count == -ETIMEDOUT {
                throw ConfinementError(
                    cause: .startFailed("the worker was not confined within \(settings.startMilliseconds) ms"))
            }
            throw ConfinementError(
                cause: .startFailed("the worker ended before it was confined (\(SystemError.text(-count)), \(end))"))
        }
        let report: SandboxReport
        do throws(ProtocolViolation) {
            report = try parsed(frame[..<Int(count)])
        } catch {
            _ = endOf(&process)
            throw ConfinementError(cause: .startFailed(error.reason))
        }
        guard report.level < settings.minimumIsolation else { return report }
        _ = endOf(&process)
        throw ConfinementError(cause: .notConfined(refusal(report, settings.minimumIsolation)))
    }

    private static func parsed(_ frame: ArraySlice<UInt8>) throws(ProtocolViolation) -> SandboxReport {
        try frame.dropFirst(Int(LANE_HEADER_BYTES)).withUnsafeBytes { Self.read($0) }.get()
    }

    private static func read(_ body: UnsafeRawBufferPointer) -> Result<SandboxReport, ProtocolViolation> {
        do throws(ProtocolViolation) {
            return .success(try SandboxReport(parsing: try Fields(checking: body).text(LANE_SANDBOX)))
        } catch {
            return .failure(error)
        }
    }

    private static func refusal(_ report: SandboxReport, _ minimum: IsolationLevel) -> String {
        "a worker's isolation on this machine is \(report.level.name), and \(minimum.name) is asked for; it lacks: "
            + report.missing.joined(separator: ", ") + "; accept less with --min-isolation \(report.level.name)"
    }

    /// Ends the worker and says how it ended.
    private static func endOf(_ process: inout lane_process) -> String {
        var (signal, code): (Int32, Int32) = (-1, -1)
        if lane_process_reap(process.pidfd, 0, &signal, &code) == 0 {
            lane_process_kill(&process)
            _ = lane_process_reap(process.pidfd, -1, &signal, &code)
        }
        return signal >= 0 ? "signal \(signal)" : "exit code \(code)"
    }
}
