enum DepartmentSQL {
    static let all = "SELECT name, enabled, placement FROM department ORDER BY name"
    static let upsert = """
        INSERT INTO department (name, enabled, placement) VALUES (?, ?, ?)
        ON CONFLICT (name) DO UPDATE SET enabled = excluded.enabled, placement = excluded.placement
        """
}

enum GrantSQL {
    static let columns = "grant_no, at_ms, revoked, department, plugin, asked, granted, origin, decided_by"
    static let all = "SELECT \(columns) FROM department_grant ORDER BY grant_no"
    static let ofDepartment = "SELECT \(columns) FROM department_grant WHERE department = ? ORDER BY grant_no"
    static let append = """
        INSERT INTO department_grant (at_ms, revoked, department, plugin, asked, granted, origin, decided_by)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING \(columns)
        """
}

enum HostSQL {
    static let insert = "INSERT INTO host (host_id, started_at_ms) VALUES (?, ?) RETURNING host_no"
}

enum AuditSQL {
    static let append = "INSERT INTO audit_leaf (idx, hash, bytes) VALUES (?, ?, ?)"
    static let leaves = "SELECT idx, hash, bytes FROM audit_leaf WHERE idx >= ? ORDER BY idx LIMIT ?"
    static let allLeaves = "SELECT idx, bytes FROM audit_leaf ORDER BY idx"
    static let size = "SELECT COALESCE(max(idx) + 1, 0) FROM audit_leaf"
    static let insertCheckpoint = "INSERT INTO audit_checkpoint (size, root, at_ms) VALUES (?, ?, ?)"
    static let checkpoints = "SELECT size, root, at_ms FROM audit_checkpoint WHERE size > ? ORDER BY size LIMIT ?"
    static let latestCheckpoint = "SELECT size, root, at_ms FROM audit_checkpoint ORDER BY size DESC LIMIT 1"
    static let frontier = "SELECT frontier FROM audit_frontier WHERE id = 1"
    static let setFrontier = """
        INSERT INTO audit_frontier (id, frontier) VALUES (1, ?)
        ON CONFLICT (id) DO UPDATE SET frontier = excluded.frontier
        """
}
