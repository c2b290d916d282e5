// ConsoleScript: what the console does beyond being read: sorting and filtering. Without it every word
// of the page is there all the same, and the windows of usage are switched by the style sheet.
//
// A browser takes a minute to lay out a hundred thousand rows, so the script shows the first of those
// that are wanted; all are kept, searched and printed.

extension ConsolePage {
  /// The script of the page.
  static let script = HTMLWriter.Code(
    #"""

    "use strict";
    (() => {
      const firstRows = 200;
      const collator = new Intl.Collator("en", { numeric: true });
      const count = (number) => number.toLocaleString("en");
      // What a cell is sorted by; null: nothing, which stands last in either order.
      const key = (cell, isNumber) => {
        const text = cell.dataset.key ?? cell.textContent;
        return text === "–" ? null : isNumber ? Number.parseFloat(text.replaceAll(",", "")) : text;
      };

      // What is typed is found in letters of any case; subscriptions may differ in nothing else.
      const said = (control, text) =>
        control.tagName === "SELECT" ? text : text.trim().toLowerCase();

      function enliven(table) {
        const body = table.tBodies[0];
        const filter = document.getElementById(`${table.id}-filter`);
        const status = filter.querySelector("[role=status]");
        const controls = Array.from(filter.querySelectorAll("[data-column]"));
        for (const part of document.querySelectorAll(`[data-part-of="${table.id}"]`)) {
          for (const row of Array.from(part.tBodies[0].rows)) { body.append(row); }
          part.parentElement.remove();
        }
        const caption = table.caption.textContent.split(":")[0];
        table.caption.textContent = caption;
        table.parentElement.setAttribute("aria-label", caption);
        const rows = Array.from(body.rows, (row) => ({
          row,
          texts: controls.map((control) =>
            said(control, row.cells[Number(control.dataset.column)].textContent)),
        }));
        const more = document.createElement("button");
        more.type = "button";
        more.className = "more";
        table.parentElement.after(more);
        const part = document.createElement("p");
        part.className = "paper";
        table.parentElement.before(part);
        let order = "";
        let limit = firstRows;

        // Rows are shown that contain what is typed and have what is chosen.
        function show() {
          const wanted = controls.map((control) => said(control, control.value));
          const fitting = rows.filter(({ texts }) =>
            controls.every((control, index) =>
              wanted[index] === ""
              || (control.tagName === "SELECT"
                ? texts[index] === wanted[index] : texts[index].includes(wanted[index]))));
          const shown = fitting.slice(0, limit).map(({ row }) => row);
          body.replaceChildren();
          // In pieces: a function takes no hundred thousand arguments.
          const pieces = document.createDocumentFragment();
          for (const row of shown) { pieces.append(row); }
          body.append(pieces);
          const isCut = shown.length < fitting.length;
          status.textContent =
            `${count(fitting.length)} of ${count(rows.length)} ${filter.dataset.noun}`
            + (isCut ? `, the first ${count(shown.length)} shown` : "") + order;
          // The fields are not printed, but what they hold away is told.
          part.textContent = [
            `A part: ${count(fitting.length)} of ${count(rows.length)} ${filter.dataset.noun}`,
            ...controls.filter((_, index) => wanted[index] !== "").map((control) =>
              `${control.labels[0].firstChild.data}: ${
                control.selectedOptions?.[0].text ?? control.value.trim()}`),
          ].join("; ");
          part.hidden = wanted.every((value) => value === "");
          more.hidden = !isCut;
          more.textContent = `Show all ${count(fitting.length)}`;
        }

        // A click sorts a column: text from A, numbers from the most; another turns it around.
        function sort(head, column, title) {
          const isNumber = head.dataset.sort === "number";
          const turned = { ascending: "descending", descending: "ascending" };
          const way =
            turned[head.getAttribute("aria-sort")] ?? (isNumber ? "descending" : "ascending");
          for (const other of table.tHead.rows[0].cells) { other.removeAttribute("aria-sort"); }
          head.setAttribute("aria-sort", way);
          for (const entry of rows) { entry.key = key(entry.row.cells[column], isNumber); }
          const sign = way === "ascending" ? 1 : -1;
          rows.sort((a, b) =>
            (a.key === null) - (b.key === null)
            || sign * (isNumber ? a.key - b.key : collator.compare(a.key, b.key)));
          order = `, sorted by ${title}, ${way}`;
          show();
        }

        Array.from(table.tHead.rows[0].cells).forEach((head, column) => {
          const button = document.createElement("button");
          button.type = "button";
          const title = head.textContent;
          button.append(...head.childNodes);
          head.append(button);
          button.addEventListener("click", () => sort(head, column, title));
        });
        filter.addEventListener("input", () => {
          limit = firstRows;
          show();
        });
        more.addEventListener("click", () => {
          limit = rows.length;
          show();
          table.parentElement.focus();
        });
        let limitOnScreen = limit;
        addEventListener("beforeprint", () => {
          limitOnScreen = limit;
          limit = rows.length;
          show();
        });
        addEventListener("afterprint", () => {
          limit = limitOnScreen;
          show();
        });
        filter.hidden = false;
        show();
      }

      for (const table of document.querySelectorAll("table.lively")) { enliven(table); }
    })();

    """#)
}
