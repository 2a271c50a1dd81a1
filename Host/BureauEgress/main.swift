import CEgress
import Egress
import Glibc
import Kernel

// The process that owns provider sockets and keys: see README.md. Started by `EgressClient` alone.

let arguments = CommandLine.arguments
guard arguments.count == 5, let totalBytes = Int(arguments[2]), let days = Int(arguments[3]),
    let exchanges = Int(arguments[4])
else {
    let usage = Array("usage: bureau-egress FOLDER BYTES DAYS EXCHANGES, with a socket as descriptor 3\n".utf8)
    _ = write(2, usage, usage.count)
    exit(2)
}
let socket = FrameSocket(descriptor: EGRESS_SOCKET, maximumFrameBytes: EgressProtocol.maximumHostFrameBytes)
let service: EgressService
do throws(Failure) {
    let limits = SpoolFolder.Limits(totalBytes: totalBytes, days: days)
    // Before the first thread. A kernel without Landlock leaves out only that.
    let folder = try SpoolFolder(path: arguments[1], limits: limits, now: WallClock.now())
    let error = egress_confine(arguments[1])
    guard error == 0 || error == ENOSYS || error == EOPNOTSUPP else {
        throw Failure(.internal, "cannot confine itself: \(String(cString: strerror(error)))")
    }
    service = try EgressService(socket: socket, folder: folder, maximumExchanges: exchanges)
} catch {
    socket.send(EgressFrame.unable("bureau-egress: \(error.message)").encoded)
    exit(1)
}
service.run()
exit(0)
