/// Finds schemas that refer to themselves without looking any deeper into the document: nothing could ever be valid
/// or invalid under them.
enum SchemaLoops {
    static func check(_ nodes: [SchemaNode]) throws(SchemaError) {
        // Kahn's algorithm over the edges that stay at the same place of the document.
        var incoming = Array(repeating: 0, count: nodes.count)
        for node in nodes { for next in samePlace(node) { incoming[next] += 1 } }
        var ready = nodes.indices.filter { incoming[$0] == 0 }
        var finished = 0
        while let index = ready.popLast() {
            finished += 1
            for next in samePlace(nodes[index]) {
                incoming[next] -= 1
                if incoming[next] == 0 { ready.append(next) }
            }
        }
        guard finished == nodes.count else {
            throw SchemaError(JSONPointer(), "holds a $ref that leads back to itself")
        }
    }

    private static func samePlace(_ node: SchemaNode) -> [Int] {
        let single = [node.reference, node.not, node.condition, node.then, node.otherwise]
        return node.allOf + node.anyOf + node.oneOf + single.compactMap { $0 } + node.object.dependentSchemas.values
    }
}
