// The scores are those of FIRST's reference calculator (cvss_lookup.js, BSD-2-Clause):
// Copyright (c) 2023 FIRST.ORG, Inc., Red Hat, and contributors. Redistribution and use in source and binary forms,
// with or without modification, are permitted provided that the following conditions are met: redistributions of
// source code must retain the above copyright notice, this list of conditions and the following disclaimer;
// redistributions in binary form must reproduce them in the documentation or other materials provided with the
// distribution. THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR IMPLIED
// WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR
// PURPOSE ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT,
// INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE
// GOODS OR SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF
// LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT
// OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.

/// What the experts of CVSS 4.0 settled: the score of each of the 270 MacroVectors, the most severe vectors of each
/// equivalence class, and its depth in steps.
enum CVSS4Table {
    /// Values from most to least severe.
    static let levels: [String: [String]] = [
        "AV": ["N", "A", "L", "P"], "PR": ["N", "L", "H"], "UI": ["N", "P", "A"], "AC": ["L", "H"], "AT": ["N", "P"],
        "VC": ["H", "L", "N"], "VI": ["H", "L", "N"], "VA": ["H", "L", "N"], "SC": ["S", "H", "L", "N"],
        "SI": ["S", "H", "L", "N"], "SA": ["S", "H", "L", "N"], "CR": ["H", "M", "L"], "IR": ["H", "M", "L"],
        "AR": ["H", "M", "L"],
    ]

    /// EQ3 and EQ6 depend on each other and count as one.
    enum Group: CaseIterable, Sendable {
        case eq1, eq2, eq3and6, eq4, eq5

        /// The MacroVectors one class less severe; some do not exist.
        func next(below classes: [Int]) -> [[Int]] {
            func lower(_ index: Int) -> [Int] {
                var next = classes
                next[index] += 1
                return next
            }
            switch self {
            case .eq1: return [lower(0)]
            case .eq2: return [lower(1)]
            case .eq4: return [lower(3)]
            case .eq5: return [lower(4)]
            case .eq3and6:
                // From 00 both 01 and 10 are one lower, from 10 only 11: 20 cannot be.
                return classes[5] == 1 ? [lower(2)] : classes[2] == 0 ? [lower(5), lower(2)] : [lower(5)]
            }
        }

        func depth(_ classes: [Int]) -> Int {
            switch self {
            case .eq1: [1, 4, 5][classes[0]]
            case .eq2: [1, 2][classes[1]]
            case .eq3and6: [[7, 6], [8, 8], [10, 10]][classes[2]][classes[5]]
            case .eq4: [6, 5, 4][classes[3]]
            case .eq5: 1
            }
        }

        func mostSevere(_ classes: [Int]) -> [[(metric: String, value: String)]] {
            let texts: [String] =
                switch self {
                case .eq1:
                    [["AVN PRN UIN"], ["AVA PRN UIN", "AVN PRL UIN", "AVN PRN UIP"], ["AVP PRN UIN", "AVA PRL UIP"]][
                        classes[0]]
                case .eq2: [["ACL ATN"], ["ACH ATN", "ACL ATP"]][classes[1]]
                case .eq3and6: Self.impacts["\(classes[2])\(classes[5])"] ?? []
                case .eq4: [["SCH SIS SAS"], ["SCH SIH SAH"], ["SCL SIL SAL"]][classes[3]]
                case .eq5: []
                }
            return texts.map { text in
                text.split(separator: " ").map { (metric: String($0.dropLast()), value: String($0.suffix(1))) }
            }
        }

        private static let impacts: [String: [String]] = [
            "00": ["VCH VIH VAH CRH IRH ARH"],
            "01": ["VCH VIH VAL CRM IRM ARH", "VCH VIH VAH CRM IRM ARM"],
            "10": ["VCL VIH VAH CRH IRH ARH", "VCH VIL VAH CRH IRH ARH"],
            "11": [
                "VCL VIH VAL CRH IRM ARH", "VCL VIH VAH CRH IRM ARM", "VCH VIL VAH CRM IRH ARM",
                "VCH VIL VAL CRM IRH ARH", "VCL VIL VAH CRH IRH ARM",
            ],
            "21": ["VCL VIL VAL CRH IRH ARH"],
        ]
    }

    /// Tenths; nil for a MacroVector that does not exist.
    static func scoreTenths(_ classes: [Int]) -> Int? {
        guard let rows = scores["\(classes[0])\(classes[1])\(classes[3])"], rows.indices.contains(classes[4]),
            let column = ["00", "01", "10", "11", "21"].firstIndex(of: "\(classes[2])\(classes[5])")
        else { return nil }
        return rows[classes[4]][column]
    }

    /// By EQ1, EQ2 and EQ4; rows by EQ5; columns by EQ3 and EQ6: 00, 01, 10, 11, 21.
    private static let scores: [String: [[Int]]] = [
        "000": [[100, 99, 98, 95, 92], [98, 95, 95, 92, 82], [95, 92, 90, 84, 72]],
        "001": [[100, 96, 93, 92, 79], [93, 87, 89, 81, 69], [91, 81, 81, 65, 50]],
        "002": [[93, 90, 88, 80, 69], [89, 80, 78, 70, 55], [81, 68, 69, 48, 27]],
        "010": [[99, 97, 95, 93, 86], [95, 92, 92, 85, 75], [92, 85, 85, 73, 52]],
        "011": [[95, 91, 92, 82, 71], [90, 83, 80, 72, 52], [84, 71, 70, 59, 29]],
        "012": [[92, 81, 84, 70, 63], [82, 71, 71, 52, 29], [72, 53, 50, 30, 17]],
        "100": [[98, 95, 94, 89, 83], [94, 87, 88, 77, 70], [91, 81, 76, 67, 54]],
        "101": [[94, 89, 86, 76, 65], [86, 74, 74, 58, 58], [77, 64, 59, 50, 26]],
        "102": [[87, 75, 72, 57, 53], [74, 63, 57, 52, 21], [63, 49, 52, 25, 13]],
        "110": [[95, 90, 89, 78, 71], [88, 76, 76, 67, 59], [76, 70, 62, 58, 30]],
        "111": [[90, 77, 74, 59, 58], [75, 62, 57, 57, 26], [61, 53, 47, 23, 15]],
        "112": [[77, 66, 61, 52, 23], [68, 59, 57, 29, 13], [52, 30, 24, 16, 6]],
        "200": [[93, 87, 85, 75, 64], [86, 72, 74, 55, 51], [75, 58, 62, 51, 20]],
        "201": [[86, 74, 72, 57, 47], [74, 61, 55, 41, 21], [56, 34, 46, 19, 11]],
        "202": [[70, 54, 53, 36, 24], [52, 40, 34, 19, 9], [40, 22, 19, 8, 4]],
        "210": [[88, 75, 75, 55, 53], [73, 53, 58, 45, 24], [60, 50, 40, 21, 14]],
        "211": [[73, 55, 61, 51, 24], [59, 40, 48, 18, 12], [41, 20, 20, 9, 5]],
        "212": [[54, 43, 46, 18, 10], [45, 22, 17, 7, 3], [20, 11, 8, 2, 1]],
    ]
}
