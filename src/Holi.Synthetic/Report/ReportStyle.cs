namespace Holi.Synthetic.Report;

/// <summary>The report's looks: light or dark as the reader has it, readable on paper.</summary>
internal static class ReportStyle
{
    public const string Css =
        """
        :root { --ink: #1d2733; --soft: #5d6b7a; --line: #dde3ea; --paper: #ffffff; --tint: #f5f8fa; --a: #2f6f8f; --b: #d9893a; --ok: #2c7a4b; --bad: #b3261e; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6ebf0; --soft: #9aa8b5; --line: #33404d; --paper: #161c22; --tint: #1e262e; --a: #5aa5c7; --b: #e2a05e; --ok: #6cc08b; --bad: #f2867e; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 1080px; padding: 28px 24px 80px; color: var(--ink); background: var(--paper); font: 15px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
        h1 { font-size: 30px; margin: 0 0 6px; letter-spacing: -0.01em; }
        h2 { font-size: 20px; margin: 44px 0 10px; padding-bottom: 6px; border-bottom: 1px solid var(--line); }
        h3 { font-size: 16px; margin: 22px 0 8px; }
        h3 small { color: var(--soft); font-weight: 400; font-size: 13px; margin-left: 6px; }
        h4 { font-size: 13px; margin: 14px 0 2px; color: var(--soft); text-transform: uppercase; letter-spacing: 0.05em; }
        .warn { color: var(--bad); margin: 0 0 18px; }
        .small, .facts { color: var(--soft); font-size: 13px; }
        .figures { display: flex; flex-wrap: wrap; gap: 10px; margin: 0 0 10px; }
        .figures div { background: var(--tint); border: 1px solid var(--line); border-radius: 8px; padding: 10px 16px; min-width: 118px; }
        .figures dt { font-size: 24px; font-weight: 650; font-variant-numeric: tabular-nums; }
        .figures dd { margin: 0; color: var(--soft); font-size: 13px; }
        .grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(460px, 1fr)); gap: 10px 28px; align-items: start; }
        .small-charts { grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); }
        figure { margin: 0; }
        figcaption { font-weight: 600; font-size: 14px; margin: 10px 0 4px; }
        svg { max-width: 100%; height: auto; }
        svg .a { fill: var(--a); } svg .b { fill: var(--b); } svg .x { stroke: var(--line); }
        svg .n { fill: var(--ink); font-size: 12px; } svg .v { fill: var(--soft); font-size: 11px; font-variant-numeric: tabular-nums; }
        table { border-collapse: collapse; width: 100%; font-size: 14px; }
        th, td { text-align: left; vertical-align: top; padding: 6px 10px 6px 0; border-bottom: 1px solid var(--line); }
        th { color: var(--soft); font-weight: 500; }
        .r { text-align: right; font-variant-numeric: tabular-nums; } .ok { color: var(--ok); font-weight: 650; } .bad { color: var(--bad); font-weight: 650; }
        article { border: 1px solid var(--line); border-radius: 10px; padding: 4px 20px 16px; margin: 18px 0; break-inside: avoid-page; }
        .two { display: grid; grid-template-columns: 3fr 2fr; gap: 26px; }
        @media (max-width: 800px) { .two { grid-template-columns: 1fr; } .grid { grid-template-columns: 1fr; } }
        .talk p { margin: 0 0 3px; padding: 1px 6px 1px 104px; text-indent: -98px; border-radius: 4px; font-size: 14px; }
        .talk time { display: inline-block; width: 38px; text-indent: 0; color: var(--soft); font-size: 11px; font-variant-numeric: tabular-nums; }
        .talk b { display: inline-block; width: 60px; text-indent: 0; font-weight: 600; font-size: 11px; color: var(--soft); }
        .talk .patient b, .talk .companion b { color: var(--b); } .talk .doctor b { color: var(--a); }
        .talk .skip { background: var(--tint); color: var(--soft); font-style: italic; }
        .talk .misheard { background: color-mix(in srgb, var(--bad) 14%, transparent); }
        .note { background: var(--tint); border-radius: 8px; padding: 2px 16px 10px; align-self: start; }
        .note ul { margin: 0; padding-left: 18px; } .note li { font-size: 13.5px; margin: 1px 0; }
        .label { color: var(--soft); font-size: 12px; font-style: italic; margin: 10px 0 0; }
        @media print { body { max-width: none; } article { border: 0; padding: 0; } }
        """;
}
