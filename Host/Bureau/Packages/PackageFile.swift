/// Files of plugin projects and packages, read with a bound.
enum PackageFile {
    static func contents(_ path: String, maximumBytes: Int) throws(CommandFailure) -> [UInt8] {
        switch FilePath.read(path, maximumBytes: maximumBytes) {
        case .success(let bytes): return bytes
        case .failure(let problem): throw CommandFailure(.badInput, problem.text)
        }
    }
}
