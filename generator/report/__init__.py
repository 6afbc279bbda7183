"""Reports: findings as text, JSON, GitHub annotations or SARIF."""

REPORTS = {
    "text": "generator.report.text:TEXT",
    "json": "generator.report.json_:JSON",
    "github": "generator.report.github:GITHUB",
    "sarif": "generator.report.sarif:SARIF",
}
