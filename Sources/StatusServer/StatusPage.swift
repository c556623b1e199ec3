/// The page at `/`: one file, with its style and its script.
enum StatusPage {
  /// - Parameter nonce: what the page's own style and script are known by.
  static func html(nonce: String) -> String {
    source.replacing("<style>", with: "<style nonce=\"\(nonce)\">")
      .replacing("<script>", with: "<script nonce=\"\(nonce)\">")
  }

  private static let source = String(decoding: PackageResources.page_html, as: UTF8.self)
}
