package import Logging
import Synchronization

/// The host's log lines on standard error. The level may change while the host runs, for all loggers at once.
package enum HostLog {
    private static let current = Mutex(Logger.Level.warning)

    package static var level: Logger.Level {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }

    package static func logger(_ label: String) -> Logger {
        Logger(label: label) { Handler(lines: StreamLogHandler.standardError(label: $0)) }
    }

    private struct Handler: LogHandler {
        var lines: StreamLogHandler

        var logLevel: Logger.Level {
            get { HostLog.level }
            // One level for all: what a library sets for itself does not hold.
            set {}
        }
        var metadata: Logger.Metadata {
            get { lines.metadata }
            set { lines.metadata = newValue }
        }
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { lines[metadataKey: key] }
            set { lines[metadataKey: key] = newValue }
        }

        func log(event: LogEvent) { lines.log(event: event) }
    }
}
