pub fn text() -> String {
    format!("{}{}{}", greet::greet(), include_str!("text.txt"), base::X)
}
