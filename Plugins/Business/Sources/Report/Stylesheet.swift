/// Colours by variables: light, dark, and black on white for paper.
enum Stylesheet {
    static let text = """
        :root { color-scheme: light dark; --ground: #ffffff; --ink: #1d2430; --pale: #5b6675; --rule: #d9dee6;
          --panel: #f4f6f9; --blue: #2f6fb0; --light: #9dbfe0; --green: #2e8457; --red: #b8433b; --amber: #b7791f; }
        @media (prefers-color-scheme: dark) {
          :root { --ground: #14181f; --ink: #e6eaf0; --pale: #9aa6b5; --rule: #313a47; --panel: #1c222c;
            --blue: #6aa5dd; --light: #3d6288; --green: #58b584; --red: #e07a70; --amber: #dfaa52; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--ground); color: var(--ink);
          font: 16px/1.55 system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
        main { max-width: 52rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
        h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .25rem; }
        h2 { font-size: 1.3rem; margin: 2.75rem 0 .75rem; padding-top: .75rem; border-top: 1px solid var(--rule); }
        .subtitle, .caption, footer, small { color: var(--pale); }
        .caption { font-size: .85rem; margin: .4rem 0 0; }
        .notice { padding: .85rem 1.1rem; border-left: 5px solid var(--amber); background: var(--panel);
          font-weight: 600; }
        .notice.good { border-color: var(--green); }
        .notice.bad { border-color: var(--red); }
        .prose { padding: .1rem 1.1rem .7rem; background: var(--panel); border-radius: 6px; }
        blockquote { margin: .75rem 0; padding: .1rem 1rem; border-left: 3px solid var(--light); }
        blockquote p { margin: .3rem 0; }
        footer, small { font-size: .85rem; }
        figure { margin: 1.25rem 0; break-inside: avoid; }
        figcaption { font-weight: 600; margin-bottom: .4rem; }
        svg { width: 100%; height: auto; display: block; }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
        th, td { padding: .4rem .6rem; border-bottom: 1px solid var(--rule); text-align: right; }
        th:first-child { text-align: left; }
        tbody th { font-weight: 500; }
        thead th { color: var(--pale); font-weight: 600; }
        .label { font: 12px system-ui, sans-serif; fill: var(--pale); }
        .value { font: 600 12px system-ui, sans-serif; fill: var(--ink); }
        .axis { stroke: var(--pale); stroke-width: 1; }
        .grid { stroke: var(--rule); stroke-width: 1; }
        .marker { stroke: var(--amber); stroke-width: 1.5; stroke-dasharray: 4 3; }
        .curve { fill: none; stroke: var(--blue); stroke-width: 2.25; stroke-linejoin: round; }
        .dot { fill: var(--amber); }
        .bar { fill: var(--blue); }
        .bar-low, .slack { fill: var(--light); }
        .bar-good { fill: var(--green); }
        .bar-bad, .bar-critical { fill: var(--red); }
        .bar-warn { fill: var(--amber); }
        @media print {
          :root { --ground: #fff; --ink: #000; --pale: #444; --rule: #bbb; --panel: #fff; --blue: #2f6fb0;
            --light: #9dbfe0; --green: #2e8457; --red: #b8433b; --amber: #b7791f; }
          main { max-width: none; padding: 0; }
          h2 { break-after: avoid; }
          * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
        """
}
