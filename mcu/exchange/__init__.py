"""Files that people bring and take away: tables (CSV, XLSX) and sheets (PDF)."""
