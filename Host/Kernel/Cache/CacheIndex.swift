/// What is in a cache, oldest use first out, bounded in bytes. Contents are the caller's: this says which go.
package struct CacheIndex<Content: Sendable>: Sendable {
    private struct Node {
        var key: Digest
        var content: Content
        var bytes: Int64
        var expiresAt: Instant
        var older: Int?
        var newer: Int?
    }

    /// What an entry takes beside its content.
    package static var overheadBytes: Int64 { 256 }

    private let maximumBytes: Int64
    private var nodes: [Node?] = []
    private var free: [Int] = []
    private var places: [Digest: Int] = [:]
    private var oldest: Int?
    private var newest: Int?
    package private(set) var bytes: Int64 = 0
    package var counters = CacheCounters()

    package init(maximumBytes: Int64) { self.maximumBytes = maximumBytes }

    package var count: Int { places.count }

    /// Makes it the newest. Nil, and gone, when its time is over.
    package mutating func find(_ key: Digest, at now: Instant) -> Content? {
        guard let place = places[key], let node = nodes[place] else { return nil }
        guard now < node.expiresAt else {
            counters.expirations += 1
            remove(key)
            return nil
        }
        unlink(place)
        link(place)
        return node.content
    }

    /// - Returns: the keys that went for it; its own, when it is too large for all the room there is.
    package mutating func insert(
        _ key: Digest, _ content: Content, bytes size: Int64, expiresAt: Instant
    ) -> [Digest] {
        remove(key)
        let size = size + Self.overheadBytes
        guard size <= maximumBytes else { return [key] }
        var evicted: [Digest] = []
        while bytes + size > maximumBytes, let place = oldest, let node = nodes[place] {
            evicted.append(node.key)
            counters.evictions += 1
            remove(node.key)
        }
        let node = Node(key: key, content: content, bytes: size, expiresAt: expiresAt)
        let place: Int
        if let reused = free.popLast() {
            place = reused
            nodes[place] = node
        } else {
            place = nodes.count
            nodes.append(node)
        }
        places[key] = place
        bytes += size
        counters.stores += 1
        link(place)
        return evicted
    }

    package mutating func remove(_ key: Digest) {
        guard let place = places.removeValue(forKey: key), let node = nodes[place] else { return }
        unlink(place)
        nodes[place] = nil
        free.append(place)
        bytes -= node.bytes
    }

    private mutating func link(_ place: Int) {
        nodes[place]?.older = newest
        nodes[place]?.newer = nil
        if let newest { nodes[newest]?.newer = place }
        newest = place
        if oldest == nil { oldest = place }
    }

    private mutating func unlink(_ place: Int) {
        let (older, newer) = (nodes[place]?.older, nodes[place]?.newer)
        if let older { nodes[older]?.newer = newer } else { oldest = newer }
        if let newer { nodes[newer]?.older = older } else { newest = older }
    }
}

package struct CacheCounters: Hashable, Sendable {
    package var hits: Int64 = 0
    package var misses: Int64 = 0
    package var stores: Int64 = 0
    /// For room.
    package var evictions: Int64 = 0
    /// For their age.
    package var expirations: Int64 = 0

    package init() {}
}
