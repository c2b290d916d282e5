// CodeCatalogueTests: every code is explained.

import OrgFiles
import SourceText
import Testing

@Test(arguments: DiagnosticCode.allCases)
func `every code is explained in whole sentences`(_ code: DiagnosticCode) {
  let text = CodeCatalogue.explanation(code)
  #expect(text.hasSuffix("."))
  #expect(text.first?.isUppercase == true)
  #expect((20...220).contains(text.count))
}
