using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace SliceApi.Infrastructure.Persistence.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class ProductSearch : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "IX_ProductWords_ProductId_Word",
                table: "ProductWords",
                columns: new[] { "ProductId", "Word" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_ProductWords_ProductId_Word",
                table: "ProductWords");
        }
    }
}
