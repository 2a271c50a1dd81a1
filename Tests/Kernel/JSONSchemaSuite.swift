/// Cases of the official test suite (json-schema-org/JSON-Schema-Test-Suite, draft 2020-12, MIT licence), named
/// by its files and groups.
enum JSONSchemaSuite {
    struct Group: Sendable {
        let name: String
        let schema: String
        let valid: [String]
        let invalid: [String]

        init(_ name: String, _ schema: String, valid: [String], invalid: [String]) {
            self.name = name
            self.schema = schema
            self.valid = valid
            self.invalid = invalid
        }
    }

    static let groups: [Group] = [
        Group(
            "additionalProperties: non-ASCII pattern with additionalProperties",
            #"{"patternProperties":{"^á":{}},"additionalProperties":false}"#,
            valid: [#"{"ármányos":2}"#], invalid: [#"{"élmény":2}"#]),
        Group(
            "additionalProperties: additionalProperties with schema",
            #"{"properties":{"foo":{},"bar":{}},"additionalProperties":{"type":"boolean"}}"#,
            valid: [#"{"foo":1}"#, #"{"foo":1,"bar":2,"quux":true}"#], invalid: [#"{"foo":1,"bar":2,"quux":12}"#]),
        Group(
            "additionalProperties: additionalProperties can exist by itself",
            #"{"additionalProperties":{"type":"boolean"}}"#,
            valid: [#"{"foo":true}"#], invalid: [#"{"foo":1}"#]),
        Group(
            "additionalProperties: additionalProperties with propertyNames",
            #"{"propertyNames":{"maxLength":5},"additionalProperties":{"type":"number"}}"#,
            valid: [#"{"apple":4}"#], invalid: [#"{"fig":2,"pear":"available"}"#]),
        Group(
            "allOf: allOf simple types", #"{"allOf":[{"maximum":30},{"minimum":20}]}"#,
            valid: ["25"], invalid: ["35"]),
        Group(
            "allOf: allOf with the first empty schema", #"{"allOf":[{},{"type":"number"}]}"#,
            valid: ["1"], invalid: [#""foo""#]),
        Group(
            "allOf: allOf with the last empty schema", #"{"allOf":[{"type":"number"},{}]}"#,
            valid: ["1"], invalid: [#""foo""#]),
        Group(
            "allOf: nested allOf, to check validation semantics", #"{"allOf":[{"allOf":[{"type":"null"}]}]}"#,
            valid: ["null"], invalid: ["123"]),
        Group(
            "anyOf: anyOf", #"{"anyOf":[{"type":"integer"},{"minimum":2}]}"#,
            valid: ["1", "2.5", "3"], invalid: ["1.5"]),
        Group(
            "anyOf: anyOf with base schema", #"{"type":"string","anyOf":[{"maxLength":2},{"minLength":4}]}"#,
            valid: [#""foobar""#], invalid: ["3", #""foo""#]),
        Group(
            "anyOf: nested anyOf, to check validation semantics", #"{"anyOf":[{"anyOf":[{"type":"null"}]}]}"#,
            valid: ["null"], invalid: ["123"]),
        Group(
            "const: const validation", #"{"const":2}"#,
            valid: ["2"], invalid: ["5", #""a""#]),
        Group(
            "const: const with object", #"{"const":{"foo":"bar","baz":"bax"}}"#,
            valid: [#"{"foo":"bar","baz":"bax"}"#, #"{"baz":"bax","foo":"bar"}"#],
            invalid: [#"{"foo":"bar"}"#, "[1,2]"]),
        Group(
            "const: const with array", #"{"const":[{"foo":"bar"}]}"#,
            valid: [#"[{"foo":"bar"}]"#], invalid: ["[2]", "[1,2,3]"]),
        Group(
            "const: const with null", #"{"const":null}"#,
            valid: ["null"], invalid: ["0"]),
        Group(
            "contains: contains keyword validation", #"{"contains":{"minimum":5}}"#,
            valid: ["[3,4,5]", "[3,4,6]", "[3,4,5,6]"], invalid: ["[2,3,4]", "[]"]),
        Group(
            "contains: contains keyword with const keyword", #"{"contains":{"const":5}}"#,
            valid: ["[3,4,5]", "[3,4,5,5]"], invalid: ["[1,2,3,4]"]),
        Group(
            "contains: contains keyword with boolean schema true", #"{"contains":true}"#,
            valid: [#"["foo"]"#], invalid: ["[]"]),
        Group(
            "contains: contains keyword with boolean schema false", #"{"contains":false}"#,
            valid: [#""contains does not apply to strings""#], invalid: [#"["foo"]"#, "[]"]),
        Group(
            "default: the default keyword does not do anything if the property is missing",
            #"{"type":"object","properties":{"alpha":{"type":"number","maximum":3,"default":5}}}"#,
            valid: [#"{"alpha":1}"#, "{}"], invalid: [#"{"alpha":5}"#]),
        Group(
            "dependentRequired: single dependency", #"{"dependentRequired":{"bar":["foo"]}}"#,
            valid: ["{}", #"{"foo":1}"#, #"{"foo":1,"bar":2}"#], invalid: [#"{"bar":2}"#]),
        Group(
            "dependentRequired: multiple dependents required", #"{"dependentRequired":{"quux":["foo","bar"]}}"#,
            valid: ["{}", #"{"foo":1,"bar":2}"#, #"{"foo":1,"bar":2,"quux":3}"#],
            invalid: [#"{"foo":1,"quux":2}"#, #"{"bar":1,"quux":2}"#, #"{"quux":1}"#]),
        Group(
            "dependentRequired: dependencies with escaped characters",
            #"{"dependentRequired":{"foo\nbar":["foo\rbar"],"foo\"bar":["foo'bar"]}}"#,
            valid: [#"{"foo\nbar":1,"foo\rbar":2}"#, #"{"foo'bar":1,"foo\"bar":2}"#],
            invalid: [#"{"foo\nbar":1,"foo":2}"#, #"{"foo\"bar":2}"#]),
        Group(
            "dependentSchemas: boolean subschemas", #"{"dependentSchemas":{"foo":true,"bar":false}}"#,
            valid: [#"{"foo":1}"#, "{}"], invalid: [#"{"bar":2}"#, #"{"foo":1,"bar":2}"#]),
        Group(
            "enum: simple enum validation", #"{"enum":[1,2,3]}"#,
            valid: ["1"], invalid: ["4"]),
        Group(
            "enum: heterogeneous enum validation", #"{"enum":[6,"foo",[],true,{"foo":12}]}"#,
            valid: ["[]", #"{"foo":12}"#], invalid: ["null", #"{"foo":false}"#, #"{"foo":12,"boo":42}"#]),
        Group(
            "enum: heterogeneous enum-with-null validation", #"{"enum":[6,null]}"#,
            valid: ["null", "6"], invalid: [#""test""#]),
        Group(
            "enum: enum with escaped characters", #"{"enum":["foo\nbar","foo\rbar"]}"#,
            valid: [#""foo\nbar""#, #""foo\rbar""#], invalid: [#""abc""#]),
        Group(
            "exclusiveMaximum: exclusiveMaximum validation", #"{"exclusiveMaximum":3.0}"#,
            valid: ["2.2", #""x""#], invalid: ["3.0", "3.5"]),
        Group(
            "exclusiveMinimum: exclusiveMinimum validation", #"{"exclusiveMinimum":1.1}"#,
            valid: ["1.2", #""x""#], invalid: ["1.1", "0.6"]),
        Group(
            "if-then-else: if and then without else", #"{"if":{"exclusiveMaximum":0},"then":{"minimum":-10}}"#,
            valid: ["-1", "3"], invalid: ["-100"]),
        Group(
            "if-then-else: if and else without then", #"{"if":{"exclusiveMaximum":0},"else":{"multipleOf":2}}"#,
            valid: ["-1", "4"], invalid: ["3"]),
        Group(
            "if-then-else: validate against correct branch, then vs else",
            #"{"if":{"exclusiveMaximum":0},"then":{"minimum":-10},"else":{"multipleOf":2}}"#,
            valid: ["-1", "4"], invalid: ["-100", "3"]),
        Group(
            "if-then-else: if with boolean schema true",
            #"{"if":true,"then":{"const":"then"},"else":{"const":"else"}}"#,
            valid: [#""then""#], invalid: [#""else""#]),
        Group(
            "items: a schema given for items", #"{"items":{"type":"integer"}}"#,
            valid: ["[1,2,3]", #"{"foo":"bar"}"#, #"{"0":"invalid","length":1}"#], invalid: [#"[1,"x"]"#]),
        Group(
            "items: items with boolean schema (false)", #"{"items":false}"#,
            valid: ["[]"], invalid: [#"[1,"foo",true]"#]),
        Group(
            "items: prefixItems with no additional items allowed", #"{"prefixItems":[{},{},{}],"items":false}"#,
            valid: ["[]", "[1]", "[1,2]"], invalid: ["[1,2,3,4]"]),
        Group(
            "items: items does not look in applicators, valid case",
            #"{"allOf":[{"prefixItems":[{"minimum":3}]}],"items":{"minimum":5}}"#,
            valid: ["[5,5]"], invalid: ["[3,5]"]),
        Group(
            "maxContains: maxContains with contains", #"{"contains":{"const":1},"maxContains":1}"#,
            valid: ["[1]", "[1,2]"], invalid: ["[]", "[1,1]", "[1,2,1]"]),
        Group(
            "maxContains: maxContains with contains, value with a decimal",
            #"{"contains":{"const":1},"maxContains":1.0}"#,
            valid: ["[1]"], invalid: ["[1,1]"]),
        Group(
            "maxContains: minContains < maxContains", #"{"contains":{"const":1},"minContains":1,"maxContains":3}"#,
            valid: ["[1,1]"], invalid: ["[]", "[1,1,1,1]"]),
        Group(
            "maxItems: maxItems validation", #"{"maxItems":2}"#,
            valid: ["[1]", "[1,2]", #""foobar""#], invalid: ["[1,2,3]"]),
        Group(
            "maxItems: maxItems validation with a decimal", #"{"maxItems":2.0}"#,
            valid: ["[1]"], invalid: ["[1,2,3]"]),
        Group(
            "maxLength: maxLength validation", #"{"maxLength":2}"#,
            valid: [#""f""#, #""fo""#, "100"], invalid: [#""foo""#]),
        Group(
            "maxLength: maxLength validation with a decimal", #"{"maxLength":2.0}"#,
            valid: [#""f""#], invalid: [#""foo""#]),
        Group(
            "maxProperties: maxProperties validation", #"{"maxProperties":2}"#,
            valid: [#"{"foo":1}"#, #"{"foo":1,"bar":2}"#, "[1,2,3]"], invalid: [#"{"foo":1,"bar":2,"baz":3}"#]),
        Group(
            "maxProperties: maxProperties validation with a decimal", #"{"maxProperties":2.0}"#,
            valid: [#"{"foo":1}"#], invalid: [#"{"foo":1,"bar":2,"baz":3}"#]),
        Group(
            "maxProperties: maxProperties = 0 means the object is empty", #"{"maxProperties":0}"#,
            valid: ["{}"], invalid: [#"{"foo":1}"#]),
        Group(
            "maximum: maximum validation", #"{"maximum":3.0}"#,
            valid: ["2.6", "3.0", #""x""#], invalid: ["3.5"]),
        Group(
            "maximum: maximum validation with unsigned integer", #"{"maximum":300}"#,
            valid: ["299.97", "300", "300.0"], invalid: ["300.5"]),
        Group(
            "minContains: minContains=1 with contains", #"{"contains":{"const":1},"minContains":1}"#,
            valid: ["[1]", "[1,2]", "[1,1]"], invalid: ["[]", "[2]"]),
        Group(
            "minContains: minContains=2 with contains", #"{"contains":{"const":1},"minContains":2}"#,
            valid: ["[1,1]", "[1,1,1]", "[1,2,1]"], invalid: ["[]", "[1]", "[1,2]"]),
        Group(
            "minContains: minContains=2 with contains with a decimal value",
            #"{"contains":{"const":1},"minContains":2.0}"#,
            valid: ["[1,1]"], invalid: ["[1]"]),
        Group(
            "minContains: maxContains = minContains", #"{"contains":{"const":1},"maxContains":2,"minContains":2}"#,
            valid: ["[1,1]"], invalid: ["[]", "[1]", "[1,1,1]"]),
        Group(
            "minItems: minItems validation", #"{"minItems":1}"#,
            valid: ["[1,2]", "[1]", #""""#], invalid: ["[]"]),
        Group(
            "minItems: minItems validation with a decimal", #"{"minItems":1.0}"#,
            valid: ["[1,2]"], invalid: ["[]"]),
        Group(
            "minLength: minLength validation with a decimal", #"{"minLength":2.0}"#,
            valid: [#""foo""#], invalid: [#""f""#]),
        Group(
            "minProperties: minProperties validation", #"{"minProperties":1}"#,
            valid: [#"{"foo":1,"bar":2}"#, #"{"foo":1}"#, "[]"], invalid: ["{}"]),
        Group(
            "minProperties: minProperties validation with a decimal", #"{"minProperties":1.0}"#,
            valid: [#"{"foo":1,"bar":2}"#], invalid: ["{}"]),
        Group(
            "minimum: minimum validation", #"{"minimum":1.1}"#,
            valid: ["2.6", "1.1", #""x""#], invalid: ["0.6"]),
        Group(
            "minimum: minimum validation with signed integer", #"{"minimum":-2}"#,
            valid: ["-1", "0", "-2"], invalid: ["-2.0001", "-3"]),
        Group(
            "multipleOf: by int", #"{"multipleOf":2}"#,
            valid: ["10", #""foo""#], invalid: ["7"]),
        Group(
            "multipleOf: by number", #"{"multipleOf":1.5}"#,
            valid: ["0", "4.5"], invalid: ["35"]),
        Group(
            "multipleOf: by small number", #"{"multipleOf":0.0001}"#,
            valid: ["0.0075"], invalid: ["0.00751"]),
        Group(
            "not: not", #"{"not":{"type":"integer"}}"#,
            valid: [#""foo""#], invalid: ["1"]),
        Group(
            "not: not multiple types", #"{"not":{"type":["integer","boolean"]}}"#,
            valid: [#""foo""#], invalid: ["1", "true"]),
        Group(
            "not: not more complex schema", #"{"not":{"type":"object","properties":{"foo":{"type":"string"}}}}"#,
            valid: ["1", #"{"foo":1}"#], invalid: [#"{"foo":"bar"}"#]),
        Group(
            "not: forbidden property", #"{"properties":{"foo":{"not":{}}}}"#,
            valid: [#"{"bar":1,"baz":2}"#], invalid: [#"{"foo":1,"bar":2}"#]),
        Group(
            "oneOf: oneOf", #"{"oneOf":[{"type":"integer"},{"minimum":2}]}"#,
            valid: ["1", "2.5"], invalid: ["3", "1.5"]),
        Group(
            "oneOf: oneOf with base schema", #"{"type":"string","oneOf":[{"minLength":2},{"maxLength":4}]}"#,
            valid: [#""foobar""#], invalid: ["3", #""foo""#]),
        Group(
            "oneOf: oneOf with empty schema", #"{"oneOf":[{"type":"number"},{}]}"#,
            valid: [#""foo""#], invalid: ["123"]),
        Group(
            "oneOf: oneOf with required",
            #"{"type":"object","oneOf":[{"required":["foo","bar"]},{"required":["foo","baz"]}]}"#,
            valid: [#"{"foo":1,"bar":2}"#, #"{"foo":1,"baz":3}"#],
            invalid: [#"{"bar":2}"#, #"{"foo":1,"bar":2,"baz":3}"#]),
        Group(
            "pattern: pattern validation", #"{"pattern":"^a*$"}"#,
            valid: [#""aaa""#, "true", "123"], invalid: [#""abc""#]),
        Group(
            "patternProperties: patternProperties validates properties matching a regex",
            #"{"patternProperties":{"f.*o":{"type":"integer"}}}"#,
            valid: [#"{"foo":1}"#, #"{"foo":1,"foooooo":2}"#, #"["foo"]"#],
            invalid: [#"{"foo":"bar","fooooo":2}"#, #"{"foo":"bar","foooooo":"baz"}"#]),
        Group(
            "patternProperties: multiple simultaneous patternProperties are validated",
            #"{"patternProperties":{"a*":{"type":"integer"},"aaa*":{"maximum":20}}}"#,
            valid: [#"{"a":21}"#, #"{"aaaa":18}"#, #"{"a":21,"aaaa":18}"#],
            invalid: [#"{"a":"bar"}"#, #"{"aaaa":31}"#, #"{"aaa":"foo","aaaa":31}"#]),
        Group(
            "patternProperties: regexes are not anchored by default and are case sensitive",
            #"{"patternProperties":{"[0-9]{2,}":{"type":"boolean"},"X_":{"type":"string"}}}"#,
            valid: [#"{"answer 1":"42"}"#, #"{"a_x_3":3}"#], invalid: [#"{"a31b":null}"#, #"{"a_X_3":3}"#]),
        Group(
            "patternProperties: patternProperties with boolean schemas",
            #"{"patternProperties":{"f.*":true,"b.*":false}}"#,
            valid: [#"{"foo":1}"#, "{}"], invalid: [#"{"bar":2}"#, #"{"foo":1,"bar":2}"#, #"{"foobar":1}"#]),
        Group(
            "prefixItems: a schema given for prefixItems", #"{"prefixItems":[{"type":"integer"},{"type":"string"}]}"#,
            valid: [#"[1,"foo"]"#, "[1]", #"[1,"foo",true]"#], invalid: [#"["foo",1]"#]),
        Group(
            "prefixItems: prefixItems with boolean schemas", #"{"prefixItems":[true,false]}"#,
            valid: ["[1]", "[]"], invalid: [#"[1,"foo"]"#]),
        Group(
            "properties: object properties validation",
            #"{"properties":{"foo":{"type":"integer"},"bar":{"type":"string"}}}"#,
            valid: [#"{"foo":1,"bar":"baz"}"#, #"{"quux":[]}"#, "[]"],
            invalid: [#"{"foo":1,"bar":{}}"#, #"{"foo":[],"bar":{}}"#]),
        Group(
            "properties: properties with boolean schema", #"{"properties":{"foo":true,"bar":false}}"#,
            valid: ["{}", #"{"foo":1}"#], invalid: [#"{"bar":2}"#, #"{"foo":1,"bar":2}"#]),
        Group(
            "propertyNames: propertyNames validation", #"{"propertyNames":{"maxLength":3}}"#,
            valid: [#"{"f":{},"foo":{}}"#, "{}", "[1,2,3,4]"], invalid: [#"{"foo":{},"foobar":{}}"#]),
        Group(
            "propertyNames: propertyNames validation with pattern", #"{"propertyNames":{"pattern":"^a+$"}}"#,
            valid: [#"{"a":{},"aa":{},"aaa":{}}"#, "{}"], invalid: [#"{"aaA":{}}"#]),
        Group(
            "propertyNames: propertyNames with boolean schema false", #"{"propertyNames":false}"#,
            valid: ["{}"], invalid: [#"{"foo":1}"#]),
        Group(
            "propertyNames: propertyNames with const", #"{"propertyNames":{"const":"foo"}}"#,
            valid: [#"{"foo":1}"#, "{}"], invalid: [#"{"bar":1}"#]),
        Group(
            "ref: root pointer ref", ##"{"properties":{"foo":{"$ref":"#"}},"additionalProperties":false}"##,
            valid: [#"{"foo":false}"#, #"{"foo":{"foo":false}}"#],
            invalid: [#"{"bar":false}"#, #"{"foo":{"bar":false}}"#]),
        Group(
            "ref: relative pointer ref to object",
            ##"{"properties":{"foo":{"type":"integer"},"bar":{"$ref":"#/properties/foo"}}}"##,
            valid: [#"{"bar":3}"#], invalid: [#"{"bar":true}"#]),
        Group(
            "ref: relative pointer ref to array", ##"{"prefixItems":[{"type":"integer"},{"$ref":"#/prefixItems/0"}]}"##,
            valid: ["[1,2]"], invalid: [#"[1,"foo"]"#]),
        Group(
            "ref: property named $ref that is not a reference", #"{"properties":{"$ref":{"type":"string"}}}"#,
            valid: [#"{"$ref":"a"}"#], invalid: [#"{"$ref":2}"#]),
        Group(
            "required: required validation", #"{"properties":{"foo":{},"bar":{}},"required":["foo"]}"#,
            valid: [#"{"foo":1}"#, "[]", #""""#], invalid: [#"{"bar":1}"#]),
        Group(
            "required: required properties whose names are Javascript object property names",
            #"{"required":["__proto__","toString","constructor"]}"#,
            valid: ["[]", "12"], invalid: ["{}", #"{"__proto__":"foo"}"#, #"{"toString":{"length":37}}"#]),
        Group(
            "type: integer type matches integers", #"{"type":"integer"}"#,
            valid: ["1", "1.0"], invalid: ["1.1", #""foo""#, #""1""#]),
        Group(
            "type: number type matches numbers", #"{"type":"number"}"#,
            valid: ["1", "1.0", "1.1"], invalid: [#""foo""#, #""1""#, "{}"]),
        Group(
            "type: string type matches strings", #"{"type":"string"}"#,
            valid: [#""foo""#, #""1""#, #""""#], invalid: ["1", "1.1", "{}"]),
        Group(
            "type: object type matches objects", #"{"type":"object"}"#,
            valid: ["{}"], invalid: ["1", "1.1", #""foo""#]),
        Group(
            "uniqueItems: uniqueItems validation", #"{"uniqueItems":true}"#,
            valid: ["[1,2]", "[0,false]", "[1,true]"], invalid: ["[1,1]", "[1,2,1]", "[1.0,1.0,1]"]),
        Group(
            "uniqueItems: uniqueItems with an array of items",
            #"{"prefixItems":[{"type":"boolean"},{"type":"boolean"}],"uniqueItems":true}"#,
            valid: ["[false,true]", "[true,false]", #"[false,true,"foo","bar"]"#],
            invalid: ["[false,false]", "[true,true]", #"[false,true,"foo","foo"]"#]),
    ]
}
