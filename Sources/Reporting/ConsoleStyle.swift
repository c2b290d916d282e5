// ConsoleStyle: how the console looks: on a screen of any width, by day, at night and on paper.
//
// Text and what a chart draws keep the contrast of WCAG 2.2, level AA, in both schemes. Nothing is
// told by colour alone.

extension ConsolePage {
  /// The style sheet of the page.
  static let style = HTMLWriter.Code(
    """

    :root {
      color-scheme: light dark;
      --page: #f4f6f9; --card: #ffffff; --sunk: #eef1f5; --text: #17202c; --soft: #54606f;
      --line: #d8dee6; --accent: #1f5fbf; --wash: #e3edfb; --bar: #3b7ddd; --free: #c3ccd8;
      --good: #14703f; --good-wash: #e0f3e8; --warn: #855100; --warn-wash: #fdf0d8;
      --bad: #ae231c; --bad-wash: #fce8e6; --shade: 0 1px 2px rgb(20 30 50 / 7%);
      --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --page: #0e131a; --card: #171e28; --sunk: #1f2834; --text: #e8edf3; --soft: #a3b0c0;
        --line: #2d3847; --accent: #86b6ff; --wash: #1b2d4a; --bar: #5b97f0; --free: #445267;
        --good: #67d39a; --good-wash: #14301f; --warn: #f0bd62; --warn-wash: #35270c;
        --bad: #ff938a; --bad-wash: #3d1816; --shade: none;
      }
    }
    * { box-sizing: border-box; }
    html { scroll-padding-top: 4rem; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
    @media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
    body {
      margin: 0; background: var(--page); color: var(--text);
      font: 15px/1.5 var(--sans);
      overflow-wrap: break-word;
    }
    h1, h2, h3, h4, p, dl, dd, ul, ol, figure { margin: 0; padding: 0; }
    ul, ol { list-style: none; }
    h1 { font-size: 1.75rem; line-height: 1.2; letter-spacing: -.015em; }
    h2 { font-size: 1.3rem; letter-spacing: -.01em; margin: 2.5rem 0 .9rem; }
    h3 { font-size: 1.02rem; margin: 0 0 .7rem; }
    h4 { font-size: .95rem; margin: 1.6rem 0 .6rem; }
    a { color: var(--accent); text-underline-offset: .15em; }
    code, #members td:nth-child(5) {
      font: .92em/1.4 ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", monospace;
    }
    :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
    .wide { max-width: 77rem; margin: 0 auto; padding: 0 1.25rem; }
    .soft { color: var(--soft); }
    .unseen {
      position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
      white-space: nowrap;
    }
    .skip { position: absolute; left: 1rem; top: -4rem; z-index: 3; padding: .5rem 1rem;
      background: var(--card); border-radius: 0 0 .5rem .5rem; }
    .skip:focus { top: 0; }

    .head { padding: 1.6rem 0 1.1rem; }
    .head .wide > p { margin-top: .3rem; }
    .brand { color: var(--accent); font-weight: 650; letter-spacing: .01em; }
    nav {
      position: sticky; top: 0; z-index: 2; background: var(--page);
      border-bottom: 1px solid var(--line);
    }
    nav ul { display: flex; gap: .25rem; overflow-x: auto; margin-left: -.75rem; padding: 3px 0; }
    nav a {
      display: block; padding: .55rem .75rem; border-radius: .4rem; font-weight: 600;
      color: var(--text); text-decoration: none;
    }
    nav a:hover { background: var(--sunk); }

    .card {
      background: var(--card); border: 1px solid var(--line); border-radius: .7rem;
      padding: 1.1rem 1.25rem; box-shadow: var(--shade); min-width: 0;
    }
    .grid { display: grid; gap: 1rem; }
    .pair { grid-template-columns: repeat(auto-fit, minmax(min(100%, 27rem), 1fr)); }
    .facts { grid-template-columns: repeat(auto-fit, minmax(min(100%, 13rem), 1fr)); }
    .grid + .grid, .grid + .card, .card + .card, .card + .grid, .windows + .card,
    .grid + .notes, .notes + .grid { margin-top: 1rem; }
    .grid > .card { margin-top: 0; }
    .facts dt { color: var(--soft); font-size: .88rem; font-weight: 550; }
    .facts .card { container-type: inline-size; }
    .facts .big { font-size: min(1.55rem, 11cqi); font-weight: 650; line-height: 1.25; margin: .15rem 0;
      letter-spacing: -.01em; }
    .facts dd { font-variant-numeric: tabular-nums; }
    .facts .first { display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: baseline; }
    .first > * { min-width: 0; }
    .facts .of { font-size: .95rem; font-weight: 500; color: var(--soft); letter-spacing: 0; }

    .notes { display: grid; grid-template-columns: minmax(0, 1fr); gap: .5rem; }
    .note { border-radius: .6rem; padding: .6rem .9rem; border: 1px solid; }
    .note.warn { background: var(--warn-wash); border-color: var(--warn); }
    .note.bad { background: var(--bad-wash); border-color: var(--bad); }
    .note ul { margin-top: .3rem; }
    .note li { padding: .1rem 0; overflow-wrap: anywhere; }
    .paper { display: none; }
    .warn b, .warn strong { color: var(--warn); }
    .bad b, .bad strong { color: var(--bad); }

    .scroll { overflow-x: auto; margin: 0 -1.25rem; padding: 0 1.25rem; position: relative;
      background:
        linear-gradient(to left, var(--card) 50%, transparent) 100% 0 / 3rem 100% no-repeat local,
        linear-gradient(to left, var(--line), transparent) 100% 0 / 1rem 100% no-repeat scroll; }
    .part { content-visibility: auto; contain-intrinsic-size: auto 1100rem; margin-top: 1.5rem; }
    .more { font: inherit; font-weight: 600; color: var(--accent); background: var(--card);
      border: 1px solid var(--soft); border-radius: .4rem; padding: .35rem .9rem;
      margin-top: .8rem; cursor: pointer; }
    .more:hover { background: var(--sunk); }
    .more[hidden] { display: none; }
    .more + p, .scroll + p { margin-top: .8rem; }
    table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
    caption { text-align: left; color: var(--soft); font-size: .88rem; padding-bottom: .5rem; }
    th, td { text-align: left; vertical-align: baseline; padding: .42rem .7rem; font-weight: 400; }
    th:first-child, td:first-child { padding-left: 0; }
    th:last-child, td:last-child { padding-right: 0; }
    thead th { font-size: .82rem; font-weight: 600; color: var(--soft); white-space: nowrap;
      border-bottom: 1px solid var(--line); overflow-wrap: normal; }
    tbody th { font-weight: 600; min-width: 10rem; max-width: 24rem; overflow-wrap: anywhere;
      white-space: pre-wrap; }
    /* Marks that are heaped on a letter stay in their row. */
    tbody th, tbody td, .log .soft { overflow-y: clip; }
    tbody td { max-width: 34rem; }
    tbody tr + tr > * { border-top: 1px solid var(--sunk); }
    tbody tr:hover > * { background: var(--sunk); }
    tfoot td, tfoot th { border-top: 1px solid var(--line); color: var(--soft); }
    .n, .n2 td:nth-child(2), .n3 td:nth-child(3), .n4 td:nth-child(4), .n5 td:nth-child(5),
    .n6 td:nth-child(6), .n7 td:nth-child(7), .n8 td:nth-child(8), .n9 td:nth-child(9) {
      text-align: right; white-space: nowrap; }
    .k, #members td:nth-child(n + 4) { white-space: nowrap; }
    #members td:nth-child(3), :is(#users, [data-part-of="users"]) td:nth-child(2), .tier {
      min-width: 7rem; max-width: 16rem; overflow-wrap: anywhere; }
    .tier { min-width: 9rem; }
    thead button {
      all: unset; cursor: pointer; display: inline-flex; gap: .3em; align-items: baseline;
    }
    thead button:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px;
      border-radius: 3px; }
    thead button::after { content: "↕"; content: "↕" / ""; opacity: .55; font-weight: 400; }
    [aria-sort] button { color: var(--accent); }
    [aria-sort="ascending"] button::after { content: "↑"; content: "↑" / ""; opacity: 1; }
    [aria-sort="descending"] button::after { content: "↓"; content: "↓" / ""; opacity: 1; }

    .tag, #members b { display: inline-block; padding: 0 .5em; border-radius: 1em;
      font-size: .87em; white-space: nowrap; }
    #members b { background: var(--good-wash); color: var(--good); font-weight: 400;
      font-family: var(--sans); }
    .tag.bad, #members b.bad { background: var(--bad-wash); color: var(--bad); font-weight: 600; }
    .tag.warn, #members b.warn { background: var(--warn-wash); color: var(--warn); }

    .filter { display: flex; flex-wrap: wrap; gap: .6rem .9rem; align-items: end;
      margin-bottom: .9rem; }
    .filter[hidden] { display: none; }
    .filter label { display: grid; gap: .15rem; font-size: .82rem; font-weight: 600;
      color: var(--soft); }
    input, select {
      font: inherit; font-weight: 400; color: var(--text); background: var(--card); border: 1px solid var(--soft);
      border-radius: .4rem; padding: .35rem .55rem; min-height: 2.3rem; max-width: 100%;
    }
    input[type="search"] { width: 15rem; }
    select { max-width: 16rem; }
    .filter [role="status"] { margin-left: auto; color: var(--soft); padding-bottom: .4rem; }

    .dates li { display: grid; grid-template-columns: 8.2rem minmax(0, 1fr); gap: 0 1rem;
      padding: .5rem 0; }
    .dates li + li { border-top: 1px solid var(--sunk); }
    .dates .when { font-variant-numeric: tabular-nums; }
    .dates .when small { display: block; color: var(--soft); font-size: .85em; }
    .dates .bad small { color: var(--bad); font-weight: 600; }
    .dates .soon small { color: var(--warn); font-weight: 600; }

    .stack { display: block; width: 100%; min-width: 9rem; height: 10px; border-radius: 5px;
      background: var(--free); }
    .s-used { fill: var(--bar); }
    .s-over { fill: var(--bad); }
    .key { display: inline-block; width: .75em; height: .75em; border-radius: 3px;
      margin-right: .4em; }
    .key.used { background: var(--bar); }
    .key.free { background: var(--free); }
    .key.over { background: var(--bad); }
    .legend { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; font-size: .88rem;
      color: var(--soft); margin-top: .7rem; }

    fieldset { border: 0; margin: 0 0 1rem; padding: 0; display: flex; flex-wrap: wrap;
      position: relative; }
    fieldset label {
      padding: .4rem 1rem; border: 1px solid var(--soft); margin-left: -1px; cursor: pointer;
      background: var(--card); font-weight: 600;
    }
    fieldset label:first-of-type { border-radius: .45rem 0 0 .45rem; margin-left: 0; }
    fieldset label:last-of-type { border-radius: 0 .45rem .45rem 0; }
    fieldset input { position: absolute; opacity: 0; width: 1px; height: 1px; min-height: 0;
      padding: 0; }
    fieldset input:checked + label { background: var(--accent); border-color: var(--accent);
      color: var(--card); }
    fieldset input:focus-visible + label { outline: 3px solid var(--accent); outline-offset: 2px;
      z-index: 1; }
    @media screen {
      .windows:has(#window-1:checked) > .panel:not(.d1),
      .windows:has(#window-7:checked) > .panel:not(.d7),
      .windows:has(#window-30:checked) > .panel:not(.d30) { display: none; }
    }
    .panel + .panel { margin-top: 1.5rem; }
    .panel > .grid { margin-top: 0; }

    .plot { display: grid; grid-template-columns: 4.2rem minmax(0, 1fr); height: 230px; }
    .plot svg { width: 100%; height: 230px; display: block; overflow: visible; }
    .plot text { font-size: 12px; fill: var(--soft); }
    .plot .peak { fill: var(--text); font-weight: 600; }
    .rule { stroke: var(--line); stroke-width: 1; }
    .base { stroke: var(--soft); stroke-width: 1; }
    .hit { fill: transparent; }
    .bar { fill: var(--bar); }
    .plot g:hover .hit { fill: var(--sunk); }
    .plot g:hover .bar { fill: var(--accent); }
    .small { display: block; width: 100%; height: 28px; margin-top: .5rem; }
    .share { display: block; width: 100%; min-width: 4rem; height: 12px; border-radius: 3px;
      background: var(--sunk); }
    .w30 { width: 27%; }
    figcaption { color: var(--soft); font-size: .9rem; margin-bottom: .8rem; }
    figcaption strong { color: var(--text); font-size: 1.15rem; }
    summary { cursor: pointer; color: var(--accent); font-weight: 600; width: fit-content;
      padding: .2rem 0; }
    .unfold summary { overflow-wrap: anywhere; }
    details[open] > summary { margin-bottom: .6rem; }

    td[class*=" q"] { background-image: linear-gradient(var(--bar), var(--bar));
      background-repeat: no-repeat; background-position: 0 calc(1.5em + .45rem);
      min-width: 8.5rem; }
    .q0 { background-size: 0 3px; } .q5 { background-size: 5% 3px; }
    .q10 { background-size: 10% 3px; } .q15 { background-size: 15% 3px; }
    .q20 { background-size: 20% 3px; } .q25 { background-size: 25% 3px; }
    .q30 { background-size: 30% 3px; } .q35 { background-size: 35% 3px; }
    .q40 { background-size: 40% 3px; } .q45 { background-size: 45% 3px; }
    .q50 { background-size: 50% 3px; } .q55 { background-size: 55% 3px; }
    .q60 { background-size: 60% 3px; } .q65 { background-size: 65% 3px; }
    .q70 { background-size: 70% 3px; } .q75 { background-size: 75% 3px; }
    .q80 { background-size: 80% 3px; } .q85 { background-size: 85% 3px; }
    .q90 { background-size: 90% 3px; } .q95 { background-size: 95% 3px; }
    .q100 { background-size: 100% 3px; }
    td.n.over { color: var(--bad); font-weight: 600;
      background-image: linear-gradient(var(--bad), var(--bad)); }

    .log > li + li { margin-top: 1rem; }
    .log h3 { margin-bottom: .15rem; }
    .log p + p, .log p + details { margin-top: .35rem; }
    footer { margin-top: 3rem; padding: 1.2rem 0 2.5rem; border-top: 1px solid var(--line);
      color: var(--soft); font-size: .9rem; }
    footer p + p { margin-top: .3rem; }

    @media (max-width: 40rem) {
      .wide { padding: 0 1rem; }
      nav ul { gap: 0; margin: 0 -.6rem; }
      nav a { padding: .55rem .6rem; }
      .card { padding: .9rem 1rem; }
      .scroll { margin: 0 -1rem; padding: 0 1rem; }
      h1 { font-size: 1.45rem; }
      .facts { grid-template-columns: repeat(2, minmax(0, 1fr)); }
      .facts .card { padding: .75rem .85rem; }
      .facts .big { font-size: min(1.25rem, 11cqi); }
      .facts .first { grid-column: 1 / -1; }
      .dates li { grid-template-columns: 6.6rem minmax(0, 1fr); }
      .filter label, input[type="search"], select { width: 100%; max-width: none; }
      .filter label { flex: 1 1 40%; }
      .filter label:first-child { flex-basis: 100%; }
      .plot { grid-template-columns: 3.4rem minmax(0, 1fr); }
      .plot text { font-size: 11px; }
      tbody th { min-width: 7rem; }
      th, td { padding: .42rem .45rem; }
      .share { min-width: 3rem; }
      .hold { margin-left: 0; padding-left: 0; }
      .hold tbody th, .hold thead th:first-child { position: sticky; left: 0; z-index: 1;
        background: var(--card); max-width: 9.5rem; }
    }
    @media (forced-colors: active) {
      .key, .stack, .share, .tag, #members b { forced-color-adjust: none; }
      fieldset input:checked + label { forced-color-adjust: none; background: Highlight;
        color: HighlightText; }
    }
    @media print {
      :root {
        color-scheme: light;
        --page: #fff; --card: #fff; --sunk: #eee; --text: #000; --soft: #444; --line: #bbb;
        --accent: #123f85; --wash: #eee; --bar: #3b6db5; --free: #ccc; --good: #0d5a30;
        --good-wash: #fff; --warn: #6d4200; --warn-wash: #fff; --bad: #8f1a14; --bad-wash: #fff;
        --shade: none;
      }
      * { print-color-adjust: exact; }
      body { font-size: 9.5pt; }
      .facts { grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); }
      nav, .filter, .more, fieldset, .skip { display: none; }
      .paper:not([hidden]) { display: block; margin-bottom: .5rem; }
      .unfold::details-content { content-visibility: visible; }
      .part { content-visibility: visible; }
      .wide { max-width: none; padding: 0; }
      .card, li, tr, figure { break-inside: avoid; }
      .card:has(tbody) { break-inside: auto; }
      h2, h3, h4 { break-after: avoid; }
      .scroll { overflow: visible; margin: 0; padding: 0; }
      table { font-size: 8pt; }
      th, td { padding: .2rem .3rem; }
      td[class*=" q"] { background-position: 0 100%; }
      tbody th, .stack, .share { min-width: 0; }
      #members td:nth-child(7), #members td:nth-child(9) { white-space: normal; min-width: 4.2rem; }
      #members td:nth-child(9) { overflow-wrap: anywhere; }
      thead th, thead .n { white-space: normal; font-size: inherit; }
      .tier { min-width: 5rem; }
      #members td:nth-child(3), .lively tbody th { min-width: 4rem; }
      .w30 { width: 12%; }
      thead button::after { content: none; }
      a { color: inherit; text-decoration: none; }
    }

    """)
}
