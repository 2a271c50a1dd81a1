/// Published and reproduced vectors for the Merkle tree.
enum MerkleVectors {
    /// The inputs of Certificate Transparency's reference tests, in hexadecimal.
    static let leaves = [
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    ]

    /// Roots of their first 0 to 8 leaves, from the same tests.
    static let roots: [(size: Int, root: String)] = [
        (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
        (3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
        (4, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
        (5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
        (6, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"),
        (7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
        (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
    ]

    /// Roots where leaf i is the decimal text of i: computed alike by Go's x/mod/sumdb/tlog and two other
    /// implementations.
    static let decimalRoots: [(size: Int, root: String)] = [
        (1, "db3426e878068d28d269b6c87172322ce5372b65756d0789001d34835f601c03"),
        (2, "cb00989d94a569c0a678ae042b63dcd4625db96440517f37a6eb7976ea24ed4b"),
        (3, "725d5230db68f557470dc35f1d8865813acd7ebb07ad152774141decbae71327"),
        (255, "32f85bcaa87d7bcd05728f09e9aeba350ba6a2f733830087f0597682848be5cb"),
        (256, "828515d033c19d8c901f37eccb8aed919667703486f8d2fff1cf7040321c5db1"),
        (257, "1eda049a4351d86f76252bd7ec0b7746ad75b7fa0316ad5f541dbda458a312c4"),
        (511, "5f3d69e102370be409122d11a2e605e6b653b071b8b4b4bd2833fae40652f11d"),
        (512, "d4b2162495ca609dc06390d353ca0c55107765c609e0226eb747d89105dc8d55"),
        (513, "c24f62075c76ec77f6bf5159e732cf1952814fb1bea007e33e92ad9bdd7afda0"),
        (65535, "74f13a0e1a75689372efb990cf68c664e44c763d9304844955b2eaff624e8df1"),
        (65536, "f025d06ed804859fd274a1bdacadd6e48ea87634aa91e1edb20143f9498cd02b"),
        (65537, "dc8795a25fd4bd52a0b84f639fd3139ba160824023d188e428eb5db0f3ce221a"),
        (70000, "1a4cdfcb66374a0c0dcbef49acbd4976d13ee864fb3cb241fc943cad04f02f7e"),
        (100000, "68da32ef99ece5365f752ed80d9aec0715ac4766b2212d3511f7871f474e0c7f"),
    ]

    /// The golden log of Tessera (transparency-dev/tessera, testdata/log).
    static let tesseraEntries = [
        "one", "two", "three", "four", "five", "six", "seven", "eit", "nain", "ten", "ileven", "twelf", "threeten",
        "fourten", "fivten",
    ]

    /// Size, a line feed and the root in base64, as its checkpoints have them.
    static let tesseraCheckpoints = [
        "0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        "1\n0Nc2CrefWKseHj/mStd+LqC8B+NrX0btIiPt2SmN+ek=",
        "2\nT1X2GdkhUjV3iyufF9b0kVsWFxIU0VI4EpNml2Teci4=",
        "3\nWqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=",
        "4\nzY1lN35vrXYAPixXSd59LsU29xUJtuW4o2dNNg5Y2Co=",
        "5\ngy5gl3aksFyiCO95a/1vLXz88A3dRq+0l9Sxte8ZqZQ=",
        "6\na6sWvsc2eEzmj72vah7mZ5dwFltivehh2b11qwlp5Jg=",
        "7\nIrSXADBqJ7EQoUODSDKROySgNveeL6CFhik2w/+fS7U=",
        "8\nbC+VwvrJbalNVjfkdI8kUgs7mJoXrqiXCE7bgnD28pY=",
        "9\nCvhHViE3S9E3htHLR+25mapWoGCJ3WckMq1UtC3VmEY=",
        "10\ny8/gZsZCtitsMan09tY+k8I7Qpr7Y5fbO2tLi9GQnfU=",
        "11\nYok1cS5VdokGLBy73BC2I16b3atss6KBN9jnIi6Fz/A=",
        "12\nuZo6M+IhVna+CLgWCrJs0xBPUHbozHkYTQASduHSLME=",
        "13\nav0kLH0VkkVDrTuZzBGIx7d9z5G1l/GlKz/nAV/8woQ=",
        "14\nSvCd38yNade7xEPY1a/aAc1M3A2AHYVF8lIiUnsH1ao=",
        "15\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=",
    ]
}
