// OrgTemplateTests: what `usher init` writes is an org file.

import SourceText
import Testing

@testable import OrgFiles

@Suite struct OrgTemplateTests {
  @Test func `the starter file is valid as it stands`() {
    let file = SourceFile(name: "org.yaml", bytes: Array(OrgTemplate.text.utf8))
    var diagnostics = Diagnostics()
    #expect(OrgDecoder.decode([file], into: &diagnostics)?.org.organization == "my-team")
    #expect(diagnostics.all.isEmpty)
  }
}
