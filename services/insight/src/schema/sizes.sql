-- Sizes as the planner is told of them: few jurisdictions with many rows each.

DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat)
SELECT t.name, CASE i.origin WHEN 'pk' THEN t.name ELSE i.name END,
  CASE i.partial WHEN 1 THEN '10000' ELSE '1000000' END || (
    SELECT GROUP_CONCAT(CASE
        WHEN c.name = 'j' AND c.seqno = 0 THEN CASE i.partial WHEN 1 THEN ' 3000' ELSE ' 300000' END
        WHEN i.origin = 'pk' AND c.seqno = (SELECT MAX(l.seqno) FROM pragma_index_info(i.name) l) THEN ' 1'
        ELSE ' 10' END, '')
    FROM pragma_index_info(i.name) c)
FROM sqlite_schema t, pragma_index_list(t.name) i WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%';
