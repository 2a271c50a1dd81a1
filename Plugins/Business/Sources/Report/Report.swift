/// A report as a list of blocks, written once and rendered twice.
struct Report {
    enum Block {
        case heading(String)
        case paragraph(String)
        /// Words of a model, set apart from the computed text.
        case prose(String, model: String)
        case notice(String, isGood: Bool)
        case list([String])
        case quote(String, source: String)
        /// The first column is text, the others are numbers.
        case table(header: [String], rows: [[String]])
        case figure(Figure)
    }

    let title: String
    let subtitle: String
    var blocks: [Block] = []
}
