mod text;

fn main() {
    println!("{}", text::text());
}
