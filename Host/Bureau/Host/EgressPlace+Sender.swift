import Egress
import Gateway
import Glibc
import Kernel

extension EgressPlace {
    /// For people.
    ///
    /// - Parameter place: what the operator says.
    static func text(_ place: EgressPlace?) -> String {
        place?.rawValue ?? "\(process.rawValue) under serve, \(inProcess.rawValue) for one command"
    }

    /// Answers that an earlier host left behind are taken up, whatever was chosen: they are paid for.
    func sender(store: String) throws(Failure) -> any HTTPSender {
        let folder = EgressSettings.folder(ofStore: store)
        guard self == .process || !SpoolFolder.attempts(in: folder).isEmpty else {
            SpoolFolder.disown(folder)
            return try CurlClient()
        }
        guard access(Installation.egress, X_OK) == 0 else {
            throw Failure(
                .notFound,
                "\(Installation.egress) is not there or cannot be run; install it beside bureau, or let the host send "
                    + "by --egress in-process")
        }
        return try EgressClient(EgressSettings(program: Installation.egress, folder: folder))
    }
}
