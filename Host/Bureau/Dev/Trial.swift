import Glibc
import Kernel
import Placement

/// What the author tries at each save: one task of the plugin with one input.
struct Trial: Hashable, Sendable {
    var task: TaskReference
    var input: [UInt8]

    /// What the command line says before what `plugin.json` says; a plugin's only task needs no name.
    struct Choice: Sendable {
        var task: String?
        var input: String?

        func resolve(_ project: PluginProject, _ manifest: Manifest) throws(CommandFailure) -> Trial {
            let reference = try taskReference(project, manifest)
            if let input { return Trial(task: reference, input: try InputReader().read(input)) }
            // Another task's input would not fit.
            let own = task == nil ? project.trial?.input : nil
            return Trial(task: reference, input: (own ?? [:]).bytes)
        }

        private func taskReference(
            _ project: PluginProject, _ manifest: Manifest
        ) throws(CommandFailure) -> TaskReference {
            let department = manifest.department
            let only = manifest.tasks.count == 1 ? manifest.tasks.first?.name : nil
            let names = manifest.tasks.map(\.name).sorted().joined(separator: ", ")
            guard let name = task ?? project.trial?.task ?? only else {
                throw CommandFailure(
                    .badInput,
                    "which task? Add \"try\": {\"task\": …, \"input\": {…}} to \(PluginProject.fileName), or --task; "
                        + "\(department) has \(names)")
            }
            let reference =
                TaskReference(name) ?? TaskReference(department: department, task: name)
            guard reference.department != department || manifest.task(named: reference.task) != nil else {
                throw CommandFailure(.notFound, "\(department) has no task \"\(reference.task)\"; it has \(names)")
            }
            return reference
        }
    }
}
