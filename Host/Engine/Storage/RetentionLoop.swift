import Journal
import Kernel

/// Does what the store's retention policy says, slowly, beside the work of a serving host.
struct RetentionLoop: Sendable {
    private static let intervalSeconds = 3_600
    /// The first look comes soon, but not at the start, when everything else begins.
    private static let firstSeconds = 30
    /// Between two commits: a pass takes a small part of the writer's time.
    private static let pauseMilliseconds = 200

    let core: EngineCore
    let store: SQLiteJournal

    func run() async {
        var seconds = Self.firstSeconds
        while (try? await Task.sleep(for: .seconds(seconds))) != nil {
            seconds = Self.intervalSeconds
            // Moving takes room before it gives any back.
            guard store.storage.state == .ok, !core.isDraining else { continue }
            do {
                _ = try await store.retain(pauseMilliseconds: Self.pauseMilliseconds)
            } catch {
                // What is left is moved at the next look; a store that fails says so elsewhere.
                continue
            }
        }
    }
}
