//! Rewrites the generated files of `tests/scenarios/xiaogan`.

use anyhow::Context as _;

fn main() -> anyhow::Result<()> {
    let folder = picket_tests::xiaogan::folder();
    let areas = folder.join("areas.csv");
    let areas = std::fs::read_to_string(&areas)
        .with_context(|| format!("{} cannot be read", areas.display()))?;
    for (name, text) in picket_tests::xiaogan::files(&areas) {
        let path = folder.join(name);
        std::fs::write(&path, &text)
            .with_context(|| format!("{} cannot be written", path.display()))?;
        println!("{name}: {} lines", text.lines().count());
    }
    Ok(())
}
