pub fn text() -> String {
    greet::greet() + include_str!("text.txt")
}
