import Kernel
import Placement

/// Whether one plugin file may follow another as the same department. Pure.
enum Succession {
    /// Why not; nil when it may.
    static func refusal(of new: PluginDescriptor, after old: PluginDescriptor) -> String? {
        if new.id != old.id { return "the file is plugin \(new.id), the department runs \(old.id)" }
        if new.manifest.department != old.manifest.department {
            return "the file is department \(new.manifest.department), not \(old.manifest.department)"
        }
        return nil
    }

    /// Tasks that the new version does not have any more.
    static func removedTasks(of new: PluginDescriptor, after old: PluginDescriptor) -> [String] {
        old.manifest.tasks.map(\.name).filter { new.manifest.task(named: $0) == nil }
    }

    /// Open runs of removed tasks would have nothing to run on. `open` counts them by task.
    static func refusal(removing open: [String: Int]) -> String? {
        guard !open.isEmpty else { return nil }
        let list = open.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value))" }.joined(separator: ", ")
        return "the new version lacks tasks that have open runs: \(list); let them end or cancel them first"
    }
}
