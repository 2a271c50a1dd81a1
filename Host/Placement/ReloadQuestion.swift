package import Kernel

/// What an instance is asked when another generation takes its place; `bureau/plugin_reload.h` and
/// `bureau/plugin_state.h`.
package enum ReloadQuestion: Hashable, Sendable {
    /// Take no more work; finish what is open within this time, or give it back as busy.
    case quiesce(milliseconds: UInt64)
    case save
    case load(PluginState)
    /// The reload was rolled back: carry on. A worker that refuses is started anew.
    case resume
    case probe
}

/// An instance's answer. Instances without the tables of a reload answer ``Status/ok`` to all.
package struct ReloadAnswer: Hashable, Sendable {
    package var status: Status
    /// Why not, where the host knows more than the status says.
    package var message: String
    /// The instance has `bureau.plugin.reload`.
    package var reloads: Bool
    /// The instance has `bureau.plugin.state`: its memory can be handed over.
    package var hasState: Bool
    /// The answer to ``ReloadQuestion/save``.
    package var state: PluginState?

    package init(
        status: Status = .ok, message: String = "", reloads: Bool = false, hasState: Bool = false,
        state: PluginState? = nil
    ) {
        self.status = status
        self.message = message
        self.reloads = reloads
        self.hasState = hasState
        self.state = state
    }
}

/// The memory of one instance on its way to its successor, with whose it is. At most the 16 MiB of a message.
package struct PluginState: Hashable, Sendable {
    package let pluginID: String
    package let version: String
    package let digest: Digest
    package let schemaVersion: UInt32
    package let bytes: [UInt8]

    init(from plugin: PluginDescriptor, schemaVersion: UInt32, bytes: [UInt8]) {
        pluginID = plugin.id
        version = plugin.version
        digest = plugin.digest
        self.schemaVersion = schemaVersion
        self.bytes = bytes
    }
}

extension PlacedPlugin {
    /// For places without foreign code: nothing is kept in memory, and all is well.
    package func ask(
        _ question: ReloadQuestion, of instance: InstanceID
    ) async throws(PlacementError) -> ReloadAnswer { ReloadAnswer() }
}
