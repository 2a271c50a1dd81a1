enum InstallSQL {
    static let columns = "install_no, at_ms, action, department, plugin, version, library, package, signer, decided_by"
    static let all = "SELECT \(columns) FROM plugin_install ORDER BY install_no"
    static let append = """
        INSERT INTO plugin_install (at_ms, action, department, plugin, version, library, package, signer, decided_by)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING \(columns)
        """
}

enum PublisherSQL {
    static let columns = "publisher_no, at_ms, trusted, key, plugin, decided_by"
    static let all = "SELECT \(columns) FROM publisher ORDER BY publisher_no"
    static let append = """
        INSERT INTO publisher (at_ms, trusted, key, plugin, decided_by) VALUES (?, ?, ?, ?, ?) RETURNING \(columns)
        """
}
