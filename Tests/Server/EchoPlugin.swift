import Kernel
import Placement
import Synchronization

/// A department whose tasks give back what they were asked.
final class EchoPlugin: PlacedPlugin {
    let descriptor: PluginDescriptor
    let kind = PlacementKind.inline
    private let next = Mutex<UInt64>(0)

    /// - Parameter reviewed: those whose output a person must release.
    init(_ department: String, _ tasks: [String], reviewed: Set<String> = []) {
        let definitions = tasks.map { name in
            Manifest.Task(
                name: name, summary: name, inputSchema: ["type": "object"], outputSchema: .bool(true),
                timeoutSeconds: nil, requiresApproval: reviewed.contains(name))
        }
        descriptor = PluginDescriptor(
            path: "", digest: Digest.sha256(Array(department.utf8)), id: "org.example.\(department)", version: "1.0.0",
            toolchain: "test", abiMajor: 1, abiMinor: 0,
            manifest: Manifest(
                department: department, title: department, summary: department, tasks: definitions,
                wants: Manifest.Wants(), stateSchemaVersion: 1))
    }

    func createInstance(configuration: [UInt8]) async throws(PlacementError) -> InstanceID { InstanceID(1) }
    func destroyInstance(_ instance: InstanceID) async {}
    func statistics() -> PlacementStatistics { PlacementStatistics() }
    func shutdown() async {}
    func deliver(_ event: OperationEvent, to operation: OperationID, of call: CallID) {}
    func cancel(_ call: CallID, reason: Status) {}

    func begin(_ start: TaskStart, on instance: InstanceID, sink: @escaping CallSink) -> CallID {
        let id = next.withLock { next in
            next += 1
            return CallID(next)
        }
        Task { sink(.completed(.success(start.input))) }
        return id
    }
}
