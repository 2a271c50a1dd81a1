import Kernel

/// The questions of ``JournalReading`` over any driver; one file for each subject.
class SQLReading: JournalReading {
    let session: SQLSession
    /// The clock at the start of the snapshot or group.
    let now: Instant
    let zones: ZoneDirectory
    let keys: SubjectKeys

    init(_ session: SQLSession, now: Instant, zones: ZoneDirectory, keys: SubjectKeys = .none) {
        self.keys = keys
        self.session = session
        self.now = now
        self.zones = zones
    }
}

/// The changes of ``JournalTransaction``. Each first looks up what it needs and refuses before it writes anything,
/// so a closure that handles a refusal and goes on commits no half of it. Each appends the audit leaf of what it
/// changed.
final class SQLTransaction: SQLReading, JournalTransaction {
    /// What a rolled-back savepoint takes back besides rows.
    struct Savepoint {
        var chain: AuditChain
        var events: EventBatch?
        var ready: [ReadyChange] = []
    }

    /// This incarnation of the host: owner of the runs it claims.
    let host: Int64
    var savepoint: Savepoint
    /// A run is being admitted that an agent had in its queue before it drained.
    var admitsDraining = false
    /// `now` as leaves spell it.
    let timestamp: String
    private let sizeBefore: Int64
    let feed: ReadyFeed

    init(
        _ session: SQLSession, now: Instant, zones: ZoneDirectory, keys: SubjectKeys, host: Int64, chain: AuditChain,
        feed: ReadyFeed
    ) {
        self.feed = feed
        self.host = host
        savepoint = Savepoint(chain: chain, events: nil)
        timestamp = now.timestamp
        sizeBefore = chain.frontier.size
        super.init(session, now: now, zones: zones, keys: keys)
    }

    var chain: AuditChain { savepoint.chain }

    /// The last thing in a group: one leaf for all its events, one checkpoint for all its leaves.
    func closeGroup() throws(JournalError) {
        if let events = savepoint.events {
            try appendLeaf(events.leaf)
            savepoint.events = nil
        }
        guard chain.frontier.size > sizeBefore else { return }
        try session.execute(
            AuditSQL.insertCheckpoint,
            [.integer(chain.frontier.size), .digest(chain.frontier.root), .instant(now)])
        try session.execute(AuditSQL.setFrontier, [.blob(chain.frontier.encoded)])
    }
}
