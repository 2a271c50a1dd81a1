/// What a host says about its egress process.
package struct EgressSettings: Sendable {
    /// The program `bureau-egress`.
    package var program: String
    /// The folder of the spools; inside the store's, whose lock lets in one host at a time.
    package var folder: String
    package var spool: SpoolFolder.Limits
    /// Exchanges at the same time; one more is refused as busy.
    package var maximumExchanges: Int

    package init(
        program: String, folder: String, spool: SpoolFolder.Limits = SpoolFolder.Limits(), maximumExchanges: Int = 512
    ) {
        self.program = program
        self.folder = folder
        self.spool = spool
        self.maximumExchanges = maximumExchanges
    }

    /// The spools of a store.
    package static func folder(ofStore store: String) -> String { store + "/egress" }

    package var arguments: [String] {
        [program, folder, String(spool.totalBytes), String(spool.days), String(maximumExchanges)]
    }
}
