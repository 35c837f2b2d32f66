fn main() {
    println!("{}", app::text::text());
}
